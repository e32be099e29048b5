//! Names of fields that hold who or where somebody is, where the value has to look like it.
//!
//! `address` is a street's, a host's or a register's; `customer` is a person or a number; so the
//! name alone is not enough. Each rule here has a form that the value must have ([`has_form`]).
//! [`crate::lexicon`] has the names that leave no doubt; numbers that a state gives take their
//! labels from [`crate::ident`].

use crate::bytes::{at, digit};
use crate::{
    KeyVerdict, LABELLED, TokenKind, account, ident, key, names, net, person, postal, verdict,
};

/// Words that end such a key.
#[rustfmt::skip]
pub(crate) const LAST: &[(&str, &str, TokenKind)] = &[
    // Postal addresses.
    ("address", "key.postal", TokenKind::Address), ("addr", "key.postal", TokenKind::Address),
    ("addresses", "key.postal", TokenKind::Address), ("address1", "key.postal", TokenKind::Address),
    ("addressline", "key.postal", TokenKind::Address),
    ("addressline1", "key.postal", TokenKind::Address),
    ("addressline2", "key.postal", TokenKind::Address),
    ("line1", "key.postal", TokenKind::Address), ("line2", "key.postal", TokenKind::Address),
    ("streetaddress", "key.postal", TokenKind::Address),
    ("postaladdress", "key.postal", TokenKind::Address),
    ("mailingaddress", "key.postal", TokenKind::Address),
    ("homeaddress", "key.postal", TokenKind::Address),
    ("billingaddress", "key.postal", TokenKind::Address),
    ("shippingaddress", "key.postal", TokenKind::Address),
    ("deliveryaddress", "key.postal", TokenKind::Address),
    ("residence", "key.postal", TokenKind::Address), ("domicile", "key.postal", TokenKind::Address),
    ("shipto", "key.postal", TokenKind::Address), ("billto", "key.postal", TokenKind::Address),
    ("deliverto", "key.postal", TokenKind::Address),
    ("adresse", "key.postal", TokenKind::Address), ("anschrift", "key.postal", TokenKind::Address),
    ("lieferadresse", "key.postal", TokenKind::Address),
    ("rechnungsadresse", "key.postal", TokenKind::Address),
    ("lieferanschrift", "key.postal", TokenKind::Address),
    ("rechnungsanschrift", "key.postal", TokenKind::Address),
    ("wohnadresse", "key.postal", TokenKind::Address),
    ("wohnanschrift", "key.postal", TokenKind::Address),
    ("postanschrift", "key.postal", TokenKind::Address),
    ("straße", "key.postal", TokenKind::Address), ("strasse", "key.postal", TokenKind::Address),
    ("rue", "key.postal", TokenKind::Address), ("dirección", "key.postal", TokenKind::Address),
    ("direccion", "key.postal", TokenKind::Address), ("domicilio", "key.postal",
    TokenKind::Address),
    ("calle", "key.postal", TokenKind::Address), ("indirizzo", "key.postal", TokenKind::Address),
    ("endereço", "key.postal", TokenKind::Address), ("endereco", "key.postal", TokenKind::Address),
    ("morada", "key.postal", TokenKind::Address), ("logradouro", "key.postal", TokenKind::Address),
    ("adres", "key.postal", TokenKind::Address), ("straat", "key.postal", TokenKind::Address),
    ("woonadres", "key.postal", TokenKind::Address), ("ulica", "key.postal", TokenKind::Address),
    ("adresa", "key.postal", TokenKind::Address), ("bydliště", "key.postal", TokenKind::Address),
    ("bydlisko", "key.postal", TokenKind::Address), ("cím", "key.postal", TokenKind::Address),
    ("lakcím", "key.postal", TokenKind::Address), ("lakcim", "key.postal", TokenKind::Address),
    ("adress", "key.postal", TokenKind::Address), ("gatuadress", "key.postal", TokenKind::Address),
    ("gateadresse", "key.postal", TokenKind::Address), ("osoite", "key.postal", TokenKind::Address),
    ("katuosoite", "key.postal", TokenKind::Address), ("aadress", "key.postal", TokenKind::Address),
    ("adresas", "key.postal", TokenKind::Address), ("διεύθυνση", "key.postal", TokenKind::Address),
    ("адрес", "key.postal", TokenKind::Address), ("адреса", "key.postal", TokenKind::Address),
    ("мекенжай", "key.postal", TokenKind::Address), ("adresi", "key.postal", TokenKind::Address),
    ("العنوان", "key.postal", TokenKind::Address), ("عنوان", "key.postal", TokenKind::Address),
    ("آدرس", "key.postal", TokenKind::Address), ("כתובת", "key.postal", TokenKind::Address),
    ("पता", "key.postal", TokenKind::Address), ("ঠিকানা", "key.postal", TokenKind::Address),
    ("地址", "key.postal", TokenKind::Address), ("住址", "key.postal", TokenKind::Address),
    ("收货地址", "key.postal", TokenKind::Address), ("家庭住址", "key.postal", TokenKind::Address),
    ("住所", "key.postal", TokenKind::Address), ("所在地", "key.postal", TokenKind::Address),
    ("お届け先", "key.postal", TokenKind::Address), ("주소", "key.postal", TokenKind::Address),
    ("배송지", "key.postal", TokenKind::Address), ("ที่อยู่", "key.postal", TokenKind::Address),
    ("alamat", "key.postal", TokenKind::Address), ("anwani", "key.postal", TokenKind::Address),
    // Hardware addresses.
    ("mac", "key.mac", TokenKind::Mac), ("macaddress", "key.mac", TokenKind::Mac),
    ("macaddr", "key.mac", TokenKind::Mac), ("bssid", "key.mac", TokenKind::Mac),
    ("hwaddr", "key.mac", TokenKind::Mac), ("hwaddress", "key.mac", TokenKind::Mac),
    ("lladdr", "key.mac", TokenKind::Mac), ("chaddr", "key.mac", TokenKind::Mac),
    ("ether", "key.mac", TokenKind::Mac), ("eui64", "key.mac", TokenKind::Mac),
    ("eui48", "key.mac", TokenKind::Mac), ("bdaddr", "key.mac", TokenKind::Mac),
    ("macs", "key.mac", TokenKind::Mac), ("physicaladdress", "key.mac", TokenKind::Mac),
    // Wallets.
    ("wallet", "key.wallet", TokenKind::Account), ("wallets", "key.wallet", TokenKind::Account),
    ("xpub", "key.wallet", TokenKind::Account), ("payoutaddress", "key.wallet", TokenKind::Account),
    ("btcaddress", "key.wallet", TokenKind::Account),
    ("ethaddress", "key.wallet", TokenKind::Account),
    ("depositaddress", "key.wallet", TokenKind::Account),
    ("cryptoaddress", "key.wallet", TokenKind::Account),
    // Persons, where a number or a team may stand as well.
    ("customer", "key.name", TokenKind::Person), ("patient", "key.name", TokenKind::Person),
    ("employee", "key.name", TokenKind::Person), ("passenger", "key.name", TokenKind::Person),
    ("guest", "key.name", TokenKind::Person), ("beneficiary", "key.name", TokenKind::Person),
    ("recipient", "key.name", TokenKind::Person), ("payee", "key.name", TokenKind::Person),
    ("payer", "key.name", TokenKind::Person), ("contact", "key.name", TokenKind::Person),
    ("applicant", "key.name", TokenKind::Person), ("attendee", "key.name", TokenKind::Person),
    ("assignee", "key.name", TokenKind::Person), ("subscriber", "key.name", TokenKind::Person),
    ("buyer", "key.name", TokenKind::Person), ("consignee", "key.name", TokenKind::Person),
    ("addressee", "key.name", TokenKind::Person), ("doctor", "key.name", TokenKind::Person),
    ("physician", "key.name", TokenKind::Person), ("student", "key.name", TokenKind::Person),
    ("insured", "key.name", TokenKind::Person), ("policyholder", "key.name", TokenKind::Person),
    ("signer", "key.name", TokenKind::Person), ("signatory", "key.name", TokenKind::Person),
    ("caller", "key.name", TokenKind::Person), ("person", "key.name", TokenKind::Person),
    ("kunde", "key.name", TokenKind::Person), ("kundin", "key.name", TokenKind::Person),
    ("empfänger", "key.name", TokenKind::Person), ("patientin", "key.name", TokenKind::Person),
    ("mitarbeiter", "key.name", TokenKind::Person), ("cliente", "key.name", TokenKind::Person),
    ("paciente", "key.name", TokenKind::Person), ("paziente", "key.name", TokenKind::Person),
    ("klient", "key.name", TokenKind::Person), ("klant", "key.name", TokenKind::Person),
    ("kund", "key.name", TokenKind::Person), ("asiakas", "key.name", TokenKind::Person),
    ("клиент", "key.name", TokenKind::Person), ("пациент", "key.name", TokenKind::Person),
    ("получатель", "key.name", TokenKind::Person), ("клієнт", "key.name", TokenKind::Person),
    ("müşteri", "key.name", TokenKind::Person), ("العميل", "key.name", TokenKind::Person),
    ("客户", "key.name", TokenKind::Person), ("收件人", "key.name", TokenKind::Person),
    ("お客様", "key.name", TokenKind::Person), ("고객", "key.name", TokenKind::Person),
    // Words for a name that things have, too.
    ("nombre", "key.given", TokenKind::Person), ("nome", "key.given", TokenKind::Person),
    ("nom", "key.given", TokenKind::Person), ("naam", "key.given", TokenKind::Person),
    ("navn", "key.given", TokenKind::Person), ("namn", "key.given", TokenKind::Person),
    ("nimi", "key.given", TokenKind::Person), ("név", "key.given", TokenKind::Person),
    ("nume", "key.given", TokenKind::Person), ("ime", "key.given", TokenKind::Person),
    ("имя", "key.given", TokenKind::Person), ("име", "key.given", TokenKind::Person),
    ("isim", "key.given", TokenKind::Person), ("vārds", "key.given", TokenKind::Person),
    ("vardas", "key.given", TokenKind::Person), ("jina", "key.given", TokenKind::Person),
    ("nm", "key.given", TokenKind::Person),
    // Places on a grid.
    ("geohash", "key.geohash", TokenKind::Location),
    ("pluscode", "key.geohash", TokenKind::Location),
];

/// Pairs of words that end such a key.
#[rustfmt::skip]
pub(crate) const PAIR: &[(&str, &str, &str, TokenKind)] = &[
    ("address", "line", "key.postal", TokenKind::Address),
    ("ship", "to", "key.postal", TokenKind::Address),
    ("bill", "to", "key.postal", TokenKind::Address),
    ("deliver", "to", "key.postal", TokenKind::Address),
    ("adres", "zamieszkania", "key.postal", TokenKind::Address),
    ("địa", "chỉ", "key.postal", TokenKind::Address),
    ("dia", "chi", "key.postal", TokenKind::Address),
    ("mac", "address", "key.mac", TokenKind::Mac), ("mac", "addr", "key.mac", TokenKind::Mac),
    ("hw", "addr", "key.mac", TokenKind::Mac), ("hw", "address", "key.mac", TokenKind::Mac),
    ("hardware", "address", "key.mac", TokenKind::Mac),
    ("hardware", "addr", "key.mac", TokenKind::Mac),
    ("physical", "address", "key.mac", TokenKind::Mac),
    ("ethernet", "address", "key.mac", TokenKind::Mac),
    ("bluetooth", "address", "key.mac", TokenKind::Mac),
    ("wifi", "address", "key.mac", TokenKind::Mac),
    ("link", "address", "key.mac", TokenKind::Mac),
    ("wallet", "id", "key.wallet", TokenKind::Account),
    ("wallet", "addr", "key.wallet", TokenKind::Account),
    ("wallet", "address", "key.wallet", TokenKind::Account),
    ("crypto", "address", "key.wallet", TokenKind::Account),
    ("crypto", "wallet", "key.wallet", TokenKind::Account),
    ("btc", "address", "key.wallet", TokenKind::Account),
    ("bitcoin", "address", "key.wallet", TokenKind::Account),
    ("eth", "address", "key.wallet", TokenKind::Account),
    ("ethereum", "address", "key.wallet", TokenKind::Account),
    ("xmr", "address", "key.wallet", TokenKind::Account),
    ("ltc", "address", "key.wallet", TokenKind::Account),
    ("trx", "address", "key.wallet", TokenKind::Account),
    ("tron", "address", "key.wallet", TokenKind::Account),
    ("sol", "address", "key.wallet", TokenKind::Account),
    ("solana", "address", "key.wallet", TokenKind::Account),
    ("doge", "address", "key.wallet", TokenKind::Account),
    ("xrp", "address", "key.wallet", TokenKind::Account),
    ("coin", "address", "key.wallet", TokenKind::Account),
    ("token", "address", "key.wallet", TokenKind::Account),
    ("deposit", "address", "key.wallet", TokenKind::Account),
    ("payout", "address", "key.wallet", TokenKind::Account),
    ("withdrawal", "address", "key.wallet", TokenKind::Account),
    ("withdraw", "address", "key.wallet", TokenKind::Account),
    ("destination", "address", "key.wallet", TokenKind::Account),
    ("to", "address", "key.wallet", TokenKind::Account),
    ("from", "address", "key.wallet", TokenKind::Account),
    ("owner", "name", "key.name", TokenKind::Person),
    ("author", "name", "key.name", TokenKind::Person),
    ("sender", "name", "key.name", TokenKind::Person),
    ("seller", "name", "key.name", TokenKind::Person),
    ("buyer", "name", "key.name", TokenKind::Person),
    ("member", "name", "key.name", TokenKind::Person),
    ("person", "name", "key.name", TokenKind::Person),
    ("receiver", "name", "key.name", TokenKind::Person),
    ("billing", "name", "key.name", TokenKind::Person),
    ("shipping", "name", "key.name", TokenKind::Person),
    ("guest", "name", "key.name", TokenKind::Person),
    ("client", "name", "key.name", TokenKind::Person),
    ("caller", "name", "key.name", TokenKind::Person),
    ("subscriber", "name", "key.name", TokenKind::Person),
    ("applicant", "name", "key.name", TokenKind::Person),
    ("signer", "name", "key.name", TokenKind::Person),
    ("student", "name", "key.name", TokenKind::Person),
    ("doctor", "name", "key.name", TokenKind::Person),
    ("payer", "name", "key.name", TokenKind::Person),
    ("plus", "code", "key.geohash", TokenKind::Location),
    ("geo", "hash", "key.geohash", TokenKind::Location),
];

/// Whether a value has the form that a rule of this file asks for; `None` for other rules.
pub(crate) fn has_form(rule: &str, value: &str) -> Option<bool> {
    match rule {
        "key.postal" => Some(postal::is_postal(value)),
        "key.mac" => Some(net::is_hardware(value)),
        "key.wallet" => Some(ident::is_address(value) || postal::is_postal(value)),
        "key.name" => Some(person::is_name(value)),
        "key.given" => Some(names::is_listed(value) || is_given(value)),
        "key.login" => Some(account::is_login(value)),
        "key.msisdn" => Some((11..=15).contains(&value.len()) && value.bytes().all(digit)),
        "key.holder" => {
            let listed = || !value.is_ascii() || names::begins_as_name(value);
            Some(names::is_listed(value) || person::is_name(value) && listed())
        }
        "key.geohash" => Some(is_grid(value)),
        _ => None,
    }
}

/// Whether a value is a given name of the lists.
fn is_given(value: &str) -> bool {
    let capital = value.chars().next().is_some_and(|c| !c.is_lowercase());
    capital && names::is_name(value)
}

/// A geohash (base 32 without a, i, l and o) or an open location code of a place of some metres.
fn is_grid(value: &str) -> bool {
    let bytes = value.as_bytes();
    let hash = bytes
        .iter()
        .all(|b| matches!(b, b'0'..=b'9' | b'b'..=b'h' | b'j' | b'k' | b'm' | b'n' | b'p'..=b'z'));
    let code = |b: &u8| b"23456789CFGHJMPQRVWX+".contains(b);
    let plus = value.matches('+').count() == 1;
    (6..=12).contains(&bytes.len()) && hash && bytes.iter().any(|b| digit(*b))
        || (8..=15).contains(&bytes.len()) && bytes.iter().all(code) && plus
}

/// Whether a rule asks the value for a form, beside the name of its field.
pub fn needs_form(rule: &str) -> bool {
    rule == LABELLED || has_form(rule, "").is_some()
}

/// What a number is under a name that asks for a form; a number stands for itself in JSON, without
/// quotes.
///
/// Returns rule and kind; `None` where the number has not the form.
pub fn named_number(key: &str, digits: &str) -> Option<(&'static str, TokenKind)> {
    match verdict(key) {
        KeyVerdict::Personal(LABELLED, TokenKind::Location) => {
            let half = ["lat", "lon", "lng", "long"];
            let last = key::words(key).pop().unwrap_or_default();
            let place = is_degrees(digits) && !half.contains(&last.as_str());
            place.then_some(("location.coordinate", TokenKind::Location))
        }
        KeyVerdict::Personal(LABELLED, _) => {
            let found = ident::named_number(key, digits)?;
            Some((found.rule, found.kind))
        }
        KeyVerdict::Personal(rule, kind) => {
            (has_form(rule, digits) == Some(true)).then_some((rule, kind))
        }
        _ => None,
    }
}

/// Decimals of a coordinate that is somebody's place: eleven metres.
const DECIMALS_COUNT_MIN: usize = 4;

/// Whether a number may be a coordinate in degrees.
fn is_degrees(number: &str) -> bool {
    let Some((whole, decimals)) = number.trim_start_matches('-').split_once('.') else {
        return false;
    };
    let small = whole.parse::<u16>().is_ok_and(|whole| whole <= 180);
    let plain = decimals.bytes().all(digit) && digit(at(whole.as_bytes(), 0));
    small && plain && decimals.len() >= DECIMALS_COUNT_MIN
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_value_decides() {
        for (key, value, wanted) in [
            ("address", "23 High Street, London SW5A 1AA", true),
            ("address", "10.0.0.1:8080", false),
            ("address", "0x7ffd1c2b3a40", false),
            ("listenAddress", "tcp://0.0.0.0:80", false),
            ("hwAddr", "9c85.6a1c.296e", true),
            ("mac", "001122334455", true),
            ("mac", "hmac-sha2-256", false),
            ("wallet", "TQ1KCVsoqkdqSGRjF63FfjnwT1uHo16WqA", true),
            ("wallet", "premium-user-wallet-00000000001", false),
            ("customer", "Anna Maria Novak", true),
            ("customer", "Platform Team", false),
            ("customer", "cust-1234", false),
            ("geohash", "u09tvw0f", true),
        ] {
            let KeyVerdict::Personal(rule, _) = verdict(key) else {
                panic!("{key}");
            };
            assert_eq!(has_form(rule, value), Some(wanted), "{key} {value}");
        }
    }

    #[test]
    fn numbers_have_the_form_of_their_name() {
        for (key, number, wanted) in [
            ("iin", "871219455671", true),
            ("iin", "871219455672", false),
            ("coordinates", "48.856613", true),
            ("coordinates", "48.8", false),
            ("lat", "12.345678", false),
            ("address", "4294967296", false),
            ("attempt", "871219455671", false),
        ] {
            assert_eq!(
                named_number(key, number).is_some(),
                wanted,
                "{key} {number}"
            );
        }
    }
}
