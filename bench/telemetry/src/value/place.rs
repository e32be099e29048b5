//! Postal addresses: made-up numbers in streets whose names exist in most towns.

use super::Value;
use crate::draw::Draw;
use crate::noise::expand;

/// By language: streets with their number, then places with their code.
const PLACES: &[(&str, &[&str], &[&str])] = &[
    (
        "en-us",
        &[
            "{i4} Maple Street",
            "{i3} Oak Ave",
            "{i2} N Washington Blvd Apt {i1}",
            "{i5} Sunset Drive",
        ],
        &[
            "Springfield, IL {d5}",
            "Austin, TX 787{d2}",
            "Portland, OR 972{d2}",
            "Dayton, OH 454{d2}",
        ],
    ),
    (
        "en-gb",
        &[
            "{i2} High Street",
            "Flat {i1}, {i2} Station Road",
            "{i3} Church Lane",
        ],
        &[
            "Leeds LS{i1} {i1}QT",
            "Manchester M{i2} {i1}AB",
            "London SW{i1}A {i1}AA",
        ],
    ),
    (
        "de",
        &[
            "Hauptstraße {i2}",
            "Bahnhofstr. {i2}a",
            "Am Alten Markt {i1}",
            "Goethestraße {i3}",
        ],
        &[
            "10{d3} Berlin",
            "80{d3} München",
            "50{d3} Köln",
            "2{d4} Hamburg",
        ],
    ),
    (
        "fr",
        &[
            "{i2} rue de la République",
            "{i3} avenue Victor Hugo",
            "{i1} bis place de l'Église",
        ],
        &["7500{i1} Paris", "6900{i1} Lyon", "13{d3} Marseille"],
    ),
    (
        "es",
        &[
            "Calle Mayor {i2}, 3º B",
            "Avenida de la Constitución {i2}",
            "C/ Alcalá {i3}",
        ],
        &["280{d2} Madrid", "080{d2} Barcelona", "410{d2} Sevilla"],
    ),
    (
        "pt",
        &[
            "Rua das Flores, {i3}",
            "Avenida Paulista, {i4}",
            "Travessa do Carmo {i2}, 2.º Esq.",
        ],
        &[
            "1200-{d3} Lisboa",
            "01310-{d3} São Paulo",
            "4000-{d3} Porto",
        ],
    ),
    (
        "it",
        &[
            "Via Garibaldi {i2}",
            "Piazza Dante {i1}",
            "Corso Italia {i3}",
        ],
        &["001{d2} Roma", "201{d2} Milano", "101{d2} Torino"],
    ),
    (
        "nl",
        &["Kerkstraat {i3}", "Dorpsweg {i2}-II", "Prinsengracht {i3}"],
        &[
            "10{d2} AB Amsterdam",
            "35{d2} GK Utrecht",
            "30{d2} CD Rotterdam",
        ],
    ),
    (
        "pl",
        &[
            "ul. Marszałkowska {i2}/{i1}",
            "al. Jana Pawła II {i2}",
            "ul. Długa {i2} m. {i1}",
        ],
        &["00-{d3} Warszawa", "30-{d3} Kraków", "80-{d3} Gdańsk"],
    ),
    (
        "sv",
        &["Storgatan {i2}", "Kungsvägen {i2} B", "Drottninggatan {i3}"],
        &["111 {i2} Stockholm", "411 {i2} Göteborg", "211 {i2} Malmö"],
    ),
    (
        "cs",
        &["Náměstí Míru {i2}", "Dlouhá {i3}/{i1}", "Husova {i2}"],
        &["110 00 Praha {i1}", "602 00 Brno", "301 00 Plzeň"],
    ),
    (
        "ru",
        &[
            "ул. Ленина, д. {i2}, кв. {i2}",
            "Невский проспект, {i2}",
            "пр-т Мира, дом {i3}",
        ],
        &[
            "101{d3} Москва",
            "190{d3} Санкт-Петербург",
            "630{d3} Новосибирск",
        ],
    ),
    (
        "tr",
        &["Atatürk Caddesi No: {i2}", "İstiklal Cad. {i3}/{i1}"],
        &["34{d3} İstanbul", "06{d3} Ankara"],
    ),
    (
        "ja",
        &[
            "千代田区丸の内{i1}-{i1}-{i1}",
            "港区六本木{i1}丁目{i1}番{i1}号",
        ],
        &["東京都", "大阪府"],
    ),
    (
        "zh",
        &["朝阳区建国路{i2}号", "浦东新区世纪大道{i3}号{i2}室"],
        &["北京市", "上海市"],
    ),
    (
        "ko",
        &["강남구 테헤란로 {i3}", "마포구 월드컵로 {i2}"],
        &["서울특별시", "부산광역시"],
    ),
    (
        "en-in",
        &[
            "{i2}/{i1}, MG Road",
            "Flat {i3}, Lake View Apartments, 5th Cross",
        ],
        &["Bengaluru 5600{d2}", "Mumbai 4000{d2}"],
    ),
];

/// A street and town, of somebody in prose.
pub(crate) fn street_address(draw: &mut Draw) -> Value {
    let (locale, streets, towns) = *draw.row(PLACES);
    let (street, town) = (draw.of(streets), draw.of(towns));
    let (street, town) = (expand(draw, street), expand(draw, town));
    let text = match locale {
        "ja" | "zh" => format!("{town}{street}"),
        "ko" => format!("{town} {street}"),
        _ => format!("{street}, {town}"),
    };
    Value::personal("address", text).of(locale).in_prose()
}

/// An address under a name of a field that tells.
pub(crate) fn keyed_address(draw: &mut Draw) -> Value {
    let mut value = street_address(draw).told(
        &[
            "address",
            "street address",
            "billing address",
            "shipping address",
            "home address",
            "delivery address",
            "postal address",
            "anschrift",
            "adresse",
            "dirección",
            "indirizzo",
            "endereço",
            "адрес",
            "住所",
            "地址",
            "mailing address",
        ],
        &[
            "address:",
            "lives at",
            "deliver to",
            "Anschrift:",
            "adresse :",
        ],
    );
    value.free_text = false;
    value
}
