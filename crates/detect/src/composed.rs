//! Names of fields that are composed: every word of one list before every word of another.
//!
//! People name fields by a grammar and not by a list: what opens something (`rescue`, `backup`)
//! before what it is (`code`), whose something is before what it is, and in languages that put
//! adjectives behind their noun the noun before them. Tables only, in the form of those of
//! [`crate::lexicon`]; [`crate::key`] asks them.

use crate::TokenKind;

/// Words of names: each of the first list before each of the second.
type Words = (&'static [&'static str], &'static [&'static str]);

/// Names of secrets, and their rule.
#[rustfmt::skip]
const SECRETS: &[(Words, &str)] = &[
    // Codes that replace a second factor or a password.
    ((&["rescue", "restore", "restoration", "fallback", "recover", "emergency", "recovery",
        "backup", "scratch", "unlock", "reset", "break", "guard"],
      &["code", "codes", "passcode", "passcodes"]), "key.recovery"),
    // Codes that a grant is exchanged for (RFC 6749, RFC 8628, OpenID Connect).
    ((&["oidc", "openid", "sso", "consent", "authz", "authn", "pkce", "pairing", "linking",
        "activation", "invite", "invitation", "registration", "enrollment", "enrolment", "user",
        "callback", "handoff", "federation", "saml", "bearer", "approval", "redemption"],
      &["code"]), "key.code"),
    (( &["pairing", "oauth", "oauth2", "oidc", "server", "google", "apple", "facebook", "redirect"],
       &["authcode"]), "key.code"),
    // One-time codes, and what they are made from (RFC 4226, RFC 6238).
    ((&["sms", "mtan", "email", "mail", "phone", "voice", "call", "push", "otp", "totp", "hotp",
        "mfa", "2fa", "tfa", "factor", "login", "signin", "verification", "verify", "confirm",
        "confirmation", "authenticator", "challenge", "transaction"],
      &["passcode", "tan", "otp", "onetimecode"]), "key.otp"),
    ((&["passcode", "otp", "code", "codigo", "código", "codice", "kod", "kód", "kode", "koodi"],
      &["sms", "mfa", "2fa", "verificacion", "verificación", "verificacao", "verificação",
        "verifica", "verificatie", "verifikasi", "confirmacion", "confirmación", "confirmacao",
        "confirmação", "conferma", "konfirmasi", "acceso", "acesso", "accesso", "autenticacion",
        "autenticación", "autenticacao", "autenticação", "autenticazione"]), "key.otp"),
    ((&["otp", "totp", "hotp", "mfa", "2fa", "tfa", "authenticator", "factor"],
      &["seed", "key", "sharedkey", "secretkey"]), "key.made"),
    // Answers to the questions that stand in for a password.
    ((&["challenge", "recovery", "hint", "reminder", "pet", "school", "city", "town", "teacher",
        "street", "mother", "mothers", "father", "car", "friend", "food", "book", "movie", "band",
        "kba", "memorable", "secret", "security", "maiden", "reset"],
      &["answer", "answers"]), "key.answer"),
    // Mnemonics (BIP 39).
    ((&["seed", "mnemonic", "bip39", "39", "recovery", "wallet", "backup", "secret", "electrum"],
      &["phrase", "words", "mnemonic"]), "key.seed"),
    // Keys by what they open. What partitions, sorts, routes or caches is none of them.
    ((&["payment", "payments", "geocoder", "geocoding", "cookie", "cookies", "ticket", "gateway",
        "provider", "vendor", "merchant", "sms", "mailer", "mailgun", "webhook", "hook",
        "analytics", "telemetry", "weather", "translate", "translation", "push", "cloud", "vault",
        "kms", "seal", "sealing", "payload", "envelope", "transport", "tunnel", "wireguard", "wg",
        "vpn", "ipsec", "ike", "dtls", "srtp", "cmac", "mac", "csrf", "xsrf", "jwe", "jws", "jwk",
        "oidc", "oauth", "saml", "sso", "smtp", "sftp", "registry", "firebase", "amplitude",
        "mixpanel", "sentry", "datadog", "newrelic", "telegram", "slack", "stripe", "twilio",
        "openai", "maps", "recaptcha", "captcha", "instrumentation", "disk", "luks", "pgp", "gpg",
        "ecdsa", "ed25519", "dsa", "ec", "dh", "x25519"],
      &["key"]), "key.made"),
    // Passwords, in languages that put behind them what they are for.
    ((&["senha", "contraseña", "contrasena", "mdp", "motdepasse", "passe", "parola", "parolă",
        "hasło", "haslo", "heslo", "lozinka", "geslo", "şifre", "sifre", "jelszó", "jelszo",
        "пароль", "парола", "лозинка", "passwort", "kennwort", "wachtwoord", "lösenord",
        "losenord", "passord", "adgangskode", "salasana", "slaptazodis", "slaptažodis", "clave"],
      &["nova", "novo", "nueva", "nuevo", "antiga", "antigua", "anterior", "atual", "actual",
        "attuale", "temporal", "temporaria", "temporária", "temporaire", "temporanea",
        "provisoire", "provisoria", "provisória", "provvisoria", "inicial", "initial", "iniziale",
        "nouveau", "ancien", "actuel", "nuova", "vecchia", "tymczasowe", "nowe", "stare",
        "obecne", "uzytkownika", "użytkownika", "nove", "nové", "staré", "docasne",
        "dočasné", "uzivatele", "uživatele", "pouzivatela", "používateľa", "neu", "alt", "aktuell",
        "temporär", "wiederholen", "wiederholung", "bestätigen", "benutzer", "nieuw", "oud",
        "tijdelijk", "huidig", "gebruiker", "nytt", "gammalt", "gammelt", "midlertidig", "ny",
        "gammel", "gml", "acceso", "acesso", "acces", "accès", "accesso", "dostepu", "dostępu",
        "pristup", "uj", "új", "regi", "régi", "nou", "noua", "nouă", "veche", "stara",
        "korisnika", "yeni", "eski", "новый", "нового", "новой", "старый", "временный",
        "пользователя", "користувача", "корисника", "wifi", "wlan", "usuario", "usuário",
        "utilisateur", "utente", "utilizator", "administrador", "administrateur", "correo",
        "banco", "bd", "bdd", "db", "base", "admin", "root", "sistema", "bazy", "baza",
        "databaze", "confirmacao", "confirmação", "confirmacion", "confirmación", "uusi", "vanha"]),
     "key.password"),
];

/// Names of what is somebody's, and their kind.
#[rustfmt::skip]
const PERSONAL: &[(Words, TokenKind)] = &[
    ((&["passport", "passeport", "pasaporte", "passaporto", "paszportu", "passaporte"],
      &["document", "nr", "num", "id", "doc"]), TokenKind::National),
    ((&["mispar", "teudat", "tz"], &["zehut"]), TokenKind::National),
    ((&["numero", "número", "numéro", "num", "nr", "no", "номер", "numer", "číslo", "cislo"],
      &["pasaporte", "passeport", "passaporto", "passaporte", "paszportu", "pasu", "паспорта"]),
     TokenKind::National),
    ((&["numero", "número", "numéro", "num", "nr", "номер"],
      &["chasis", "bastidor", "chassi", "chassis", "telaio", "шасси", "vin"]),
     TokenKind::Vehicle),
    ((&["chassis", "vin", "fin"], &["number", "no", "nr", "num", "nummer", "code"]),
     TokenKind::Vehicle),
    ((&["born", "geboren", "nato", "nata", "née", "né"], &["on", "am", "le", "il"]),
     TokenKind::Birth),
    ((&["data", "datum", "dátum", "dato", "tanggal", "tarih", "ngày", "ngay",
        "дата", "szuletesi", "születési", "fecha", "date"],
      &["urodzenia", "narozeni", "narození", "narodenia", "rodjenja", "rođenja", "rojstva",
        "nasterii", "nașterii", "lahir", "sinh", "рождения", "народження", "раждане", "datum",
        "dátum", "ideje", "naissance", "nacimiento", "nascimento", "nascita"]), TokenKind::Birth),
    ((&["windows", "domain", "ad", "ldap", "unix", "linux", "os", "ssh"],
      &["account", "login", "logon"]), TokenKind::User),
];

/// Names of what may be somebody's, where the value has the form of it, and their rule and kind.
#[rustfmt::skip]
const FORMED: &[(Words, &str, TokenKind)] = &[
    ((&["policyholder", "guardian", "signatory", "parent", "spouse", "partner", "mother", "father",
        "husband", "wife", "child", "relative", "kin", "driver", "rider", "courier", "teacher",
        "tutor", "nurse", "physician", "resident", "lessee", "landlord", "cosigner", "executor",
        "trustee", "witness", "claimant", "defendant", "plaintiff", "debtor", "creditor",
        "borrower", "lender", "dependent", "visitor", "attendee", "candidate", "donor", "reviewer",
        "approver", "requester", "requestor", "reporter", "assignee", "submitter", "callee",
        "emergency", "renter", "traveller", "traveler", "purchaser", "consignee", "addressee",
        "insured", "member", "participant", "speaker", "booker", "address"],
      &["name"]), "key.name", TokenKind::Person),
    ((&["direccion", "dirección", "domicilio", "endereco", "endereço", "indirizzo", "adresse",
        "adres", "adresa", "адрес", "адреса", "alamat", "morada"],
      &["envio", "envío", "entrega", "postal", "postale", "facturacion", "facturación",
        "cobranca", "cobrança", "spedizione", "fatturazione", "residenza", "residencia",
        "residencial", "consegna", "livraison", "facturation", "domicile", "dostawy",
        "korespondencyjny", "korespondencji", "доставки", "проживания", "регистрации", "доручення",
        "pengiriman", "rumah", "dodani", "dodání", "dorucenia", "doručenia", "bydliste",
        "bydliště", "fiscal"]), "key.postal", TokenKind::Address),
    ((&["player", "gamer", "profile"], &["nick", "nickname", "handle", "name"]), "key.login",
     TokenKind::User),
    ((&["created", "updated", "modified", "submitted", "approved", "requested", "reviewed",
        "deleted", "changed", "edited", "uploaded", "reported", "assigned", "granted", "revoked",
        "locked", "logged", "signed", "closed", "opened", "resolved", "performed", "initiated",
        "triggered", "published", "invited", "executed", "issued", "written", "confirmed"],
      &["by"]), "key.login", TokenKind::User),
];

/// Numbers without a sign that SMS and telephone systems write under names of addresses.
#[rustfmt::skip]
const NUMBERS: &[Words] = &[
    (&["source", "destination", "originating", "originator", "sms"], &["addr"]),
    (&["source", "destination", "dest", "dst", "src", "sms", "from", "to"], &["msisdn"]),
];

/// Words that a field of one rule ends in.
#[rustfmt::skip]
const FORMED_LAST: &[(&[&str], &str, TokenKind)] = &[
    (&["uid", "actor", "player", "nick", "usename", "gamertag", "createdby", "updatedby",
       "modifiedby", "submittedby", "approvedby", "operator", "requester", "requestor", "reporter",
       "assignee", "submitter", "approver", "initiator", "impersonator"],
     "key.login", TokenKind::User),
    // Things have holders, keepers and guardians, too.
    (&["debtor", "creditor", "keeper", "insured", "claimant", "lessee", "landlord", "borrower",
       "lender", "holder", "payor", "remitter", "spouse", "guardian", "nextofkin"],
     "key.holder", TokenKind::Person),
    (&["bostadsadress", "leveransadress", "fakturaadress", "hemadress", "besöksadress",
       "afleveradres", "bezorgadres", "factuuradres", "huisadres", "postadres", "postadress",
       "leveringsadresse", "faktureringsadresse", "hjemmeadresse",
       "kotiosoite", "toimitusosoite", "postiosoite", "meldeadresse", "zustelladresse",
       "heimatadresse", "privatadresse", "versandadresse", "postadresse"],
     "key.postal", TokenKind::Address),
];

/// Words that a field of one kind ends in.
#[rustfmt::skip]
const PERSONAL_LAST: &[(&[&str], TokenKind)] = &[
    (&["паспорта", "护照号码", "旅券番号", "여권", "passnr", "paszportu", "pasaportno"],
     TokenKind::National),
    (&["syntymäaika", "syntymaaika", "fodelsedatum", "fodelsedato", "fodselsdato", "fødselsdag",
       "fodselsdag", "születésiidő", "szuletesidatum", "születésnap", "narozeni", "narození",
       "narodenia", "narodeni", "rodjenja", "rođenja", "rojstva", "nasterii", "nașterii",
       "dzimšanas", "sünniaeg", "γέννησης", "народження", "раждане", "рождення", "kelahiran",
       "生日", "出生年月日", "生年月", "วันเกิด", "doğumtarihi", "dogumtarihi"], TokenKind::Birth),
    (&["vezetéknév", "vezeteknev", "keresztnev", "keresztnév", "teljesnev", "teljesnév",
       "családnév", "utónév", "prezime", "příjmení", "priimek", "perekonnanimi", "uzvārds",
       "pavardė", "pavarde", "mbiemri"], TokenKind::Person),
    (&["telefonszám", "telefonszam", "mobilszám", "mobilszam", "telefonszáma", "puhnro",
       "telefonas", "tālrunis", "talrunis", "τηλέφωνο", "mobiel", "telefonní"], TokenKind::Phone),
    (&["ahvn13", "ahvn"], TokenKind::National),
    (&["chasis", "bastidor", "fahrgestellnr", "chassisnr", "chassisnummer", "finnummer",
       "vinnummer", "vincode", "车架号", "車台番号", "차대번호"], TokenKind::Vehicle),
];

/// Pairs of words that are a secret where they end a key.
pub(crate) fn secret_pairs() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    let each = SECRETS
        .iter()
        .flat_map(|(words, rule)| pairs(*words).map(move |(first, last)| (first, last, *rule)));
    each.chain([
        ("remember", "me", "key.session"),
        ("auth", "code", "key.code"),
        ("shared", "secret", "key.secret"),
    ])
}

/// Words that are a secret where they end a key.
pub(crate) const SECRET_LAST: &[(&str, &str)] = &[
    ("tan", "key.tan"),
    ("puk", "key.pin"),
    ("puk1", "key.pin"),
    ("puk2", "key.pin"),
    ("mtan", "key.tan"),
    ("smstan", "key.tan"),
    ("lozenord", "key.password"),
    ("rememberme", "key.session"),
    ("rescuecode", "key.recovery"),
    ("onetimecode", "key.otp"),
    ("onetimepassword", "key.otp"),
];

/// Pairs of words that identify somebody where they end a key.
pub(crate) fn personal_pairs() -> impl Iterator<Item = (&'static str, &'static str, TokenKind)> {
    let each = PERSONAL
        .iter()
        .flat_map(|(words, kind)| pairs(*words).map(move |(first, last)| (first, last, *kind)));
    each.chain([
        ("steuerliche", "id", TokenKind::National),
        ("callee", "number", TokenKind::Phone),
        ("calling", "number", TokenKind::Phone),
        ("called", "number", TokenKind::Phone),
        ("dialed", "number", TokenKind::Phone),
        ("dialled", "number", TokenKind::Phone),
        ("travel", "document", TokenKind::National),
        ("pass", "nr", TokenKind::National),
        ("fahrgestell", "nummer", TokenKind::Vehicle),
        ("enduser", "name", TokenKind::Person),
        ("at", "birth", TokenKind::Person),
        ("teljes", "név", TokenKind::Person),
        ("teljes", "nev", TokenKind::Person),
        ("ime", "korisnika", TokenKind::Person),
        ("emri", "mbiemri", TokenKind::Person),
    ])
}

/// Words that identify somebody where they end a key.
pub(crate) fn personal_last() -> impl Iterator<Item = (&'static str, TokenKind)> {
    PERSONAL_LAST
        .iter()
        .flat_map(|(words, kind)| words.iter().map(move |word| (*word, *kind)))
}

/// Pairs of words that end a key whose value has to have a form.
pub(crate) fn formed_pairs()
-> impl Iterator<Item = (&'static str, &'static str, &'static str, TokenKind)> {
    let each = FORMED.iter().flat_map(|(words, rule, kind)| {
        pairs(*words).map(move |(first, last)| (first, last, *rule, *kind))
    });
    let phone = |(first, last)| (first, last, "key.msisdn", TokenKind::Phone);
    let single = [
        // Attributes 30 and 31 of RADIUS (RFC 2865).
        ("station", "id", "key.msisdn", TokenKind::Phone),
        ("details", "name", "key.given", TokenKind::Person),
    ];
    let numbers = NUMBERS.iter().flat_map(|words| pairs(*words));
    each.chain(numbers.map(phone)).chain(single)
}

/// Words that end a key whose value has to have a form.
pub(crate) fn formed_last() -> impl Iterator<Item = (&'static str, &'static str, TokenKind)> {
    FORMED_LAST
        .iter()
        .flat_map(|(words, rule, kind)| words.iter().map(move |word| (*word, *rule, *kind)))
}

/// Words that say whose or of what kind something is, behind its name: `phone_home`.
pub(crate) const BEHIND: &[&str] = &[
    "home",
    "work",
    "office",
    "private",
    "privat",
    "privata",
    "privato",
    "privado",
    "particular",
    "dienstlich",
    "beruflich",
    "geschäftlich",
    "primary",
    "secondary",
    "alternate",
    "alternative",
    "again",
    "repeat",
    "temp",
    "temporary",
    "initial",
];

/// Owners whose name may stand behind that of what is theirs: `firstname_customer`.
pub(crate) const OWNERS_BEHIND: &[&str] = &[
    "customer",
    "client",
    "patient",
    "employee",
    "kunde",
    "cliente",
    "klient",
    "klienta",
    "asiakas",
    "titular",
    "paciente",
    "holder",
    "owner",
    "member",
    "applicant",
    "contact",
    "recipient",
];

fn pairs((first, last): Words) -> impl Iterator<Item = (&'static str, &'static str)> {
    first
        .iter()
        .flat_map(move |a| last.iter().map(move |b| (*a, *b)))
}
