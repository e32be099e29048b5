// @ts-check
// What a rule's name says to a person: what it found, and how it knew.

/** Families: the beginning of a rule's name, what it is, how it is told. The first that fits. */
const FAMILIES = [
  ['page.term', 'marked by you', 'by the text that you selected'],
  ['card.track', 'magnetic stripe of a card', 'by its form'],
  ['card', 'number of a payment card', 'by its issuer and checksum (Luhn)'],
  ['iban', 'bank account', 'by its country’s form and checksum (mod 97)'],
  ['email', 'address of mail', 'by its form'],
  ['phone', 'phone number', 'by its country’s form or the words before it'],
  ['ip', 'network address', 'by its form'],
  ['mac', 'hardware address', 'by its form'],
  ['national', 'number that a state gives to a person', 'by its form, checksum or the word before it'],
  ['vehicle', 'number of a vehicle', 'by its form and check digit'],
  ['device', 'number of a device', 'by its form and check digit'],
  ['account', 'account or wallet', 'by its form, checksum or the name of its field'],
  ['birth', 'date of birth', 'by the words around it'],
  ['postal', 'postal address', 'by its form and words'],
  ['location', 'place on the map', 'by its form'],
  ['names', 'name of a person', 'by the recogniser of names'],
  ['name', 'name of a person', 'by the recogniser of names'],
  ['cookie', 'cookie', 'by the header that it stands in'],
  ['private_key', 'private key', 'by its frame'],
  ['us_ssn', 'number that a state gives to a person', 'by its form'],
  ['hash', 'hash of a password', 'by its form'],
  ['crypto', 'address or key of a currency', 'by its form and checksum'],
  ['hl7', 'field of a clinic’s message', 'by its place in the message'],
  ['fhir', 'member of a clinic’s record', 'by its name'],
  ['otp', 'one-time code', 'by the words around it'],
  ['dsn', 'credentials in a connection string', 'by where they stand in it'],
  ['key', 'value of a field that names something to protect', 'by the name of its field'],
  ['prose', 'value in a sentence', 'by the words before it'],
  ['auth', 'credentials of a request', 'by the header that it stands in'],
  ['oauth', 'credentials of a sign-in', 'by where it stands'],
  ['url', 'part of an address on the web', 'by where it stands in the address'],
  ['sql', 'value in a statement', 'by its place in the statement'],
  ['shell', 'value on a command line', 'by the option before it'],
  ['tool', 'value in a tool’s message', 'by the form of that tool’s lines'],
  ['jwt', 'signed token', 'by its form (three encoded parts)'],
  ['pem', 'key material', 'by its frame (PEM)'],
  ['token', 'token', 'by its form and randomness'],
  ['entropy', 'text that looks random', 'by its randomness'],
  ['canary', 'planted canary', 'by its value, planted to be found'],
  ['known', 'secret that is live', 'by a keyed digest of it'],
  ['dictionary', 'word of your dictionary', 'by the word'],
  ['name_field', 'value of a field of names', 'by the name of its field'],
];

/** What the classes are and what happens to them. */
const CLASSES = {
  A: 'class A, a secret: removed, and never shown in what would leave',
  B: 'class B, personal data: replaced by a pseudonym, the same for the same value',
  C: 'class C, operational data',
};

/**
 * @param {string} rule
 * @param {string} level
 */
export function explain(rule, level) {
  const family = FAMILIES.find(([start]) => rule === start || rule.startsWith(`${start}.`));
  const [, what, how] = family ?? ['', 'value that this rule protects', 'by its form or by where it stands'];
  const group = /** @type {Record<string, string>} */ (CLASSES)[level];
  return { what, how, level: group ?? `class ${level}` };
}

/** Whether what stands there may be looked at in this tab. @param {string} level */
export const mayPeek = (level) => level === 'B' || level === 'C';
