//! Names of persons: made by drawing a given and a family name, so nobody's.

use super::Value;
use super::people_table::{PEOPLE, People};
use crate::draw::Draw;

fn people(draw: &mut Draw) -> &'static People {
    draw.row(PEOPLE)
}

/// A given and a family name in lower-case ASCII, for mail addresses and accounts.
pub(crate) fn ascii_name(draw: &mut Draw) -> (String, String) {
    const GIVEN: &[&str] = &[
        "anna", "jonas", "maria", "lukas", "sofia", "pavel", "ines", "tomasz", "yuki", "wei",
        "priya", "omar", "lena", "mateo", "chloe", "henrik", "olga", "ahmet", "nadia", "bruno",
        "hana", "emil", "zoe", "viktor", "amara", "joao", "elif", "rosa", "nils", "katya", "liam",
        "aiko", "farid",
    ];
    const FAMILY: &[&str] = &[
        "schmidt",
        "garcia",
        "nowak",
        "rossi",
        "dubois",
        "jansen",
        "ivanova",
        "tanaka",
        "chen",
        "sharma",
        "oneill",
        "silva",
        "novak",
        "berg",
        "kaya",
        "hassan",
        "moreau",
        "lindqvist",
        "kowalska",
        "popescu",
        "haddad",
        "okafor",
        "virtanen",
        "horvath",
        "nguyen",
        "walker",
        "fischer",
        "marino",
        "peeters",
    ];
    (draw.of(GIVEN).to_owned(), draw.of(FAMILY).to_owned())
}

/// A given name of a language; of any where the language has no list.
pub(crate) fn given_name(draw: &mut Draw, locale: &str) -> String {
    let list = PEOPLE.iter().find(|people| people.locale == locale);
    let list = list.map_or_else(|| people(draw).given, |people| people.given);
    draw.of(list).to_owned()
}

/// A whole name as its language writes it, of a person in prose.
pub(crate) fn full_name(draw: &mut Draw) -> Value {
    let people = people(draw);
    let (given, family) = (draw.of(people.given), draw.of(people.family));
    let text = if people.family_first {
        format!("{family}{}{given}", people.between)
    } else {
        match draw.below(8) {
            0 => format!("{given} {}{family}", people.middle),
            1 if people.between == " " => {
                let second = draw.of(people.given);
                format!("{given}-{second} {family}")
            }
            _ => format!("{given}{}{family}", people.between),
        }
    };
    Value::personal("person_name", text)
        .of(people.locale)
        .in_prose()
}

/// A name under a name of a field that tells.
pub(crate) fn keyed_name(draw: &mut Draw) -> Value {
    let mut value = full_name(draw).told(
        &[
            "full name",
            "customer name",
            "first and last name",
            "cardholder name",
            "patient name",
            "contact name",
            "recipient name",
            "employee name",
            "account holder",
            "display name",
            "nombre completo",
            "nom complet",
            "vollständiger name",
            "kundenname",
            "nome completo",
            "姓名",
            "氏名",
            "имя клиента",
            "user full name",
            "beneficiary name",
            "holder name",
        ],
        &[
            "name:",
            "customer",
            "Mr",
            "patient",
            "Kunde",
            "Sehr geehrte Frau",
            "client",
        ],
    );
    value.free_text = false;
    value
}
