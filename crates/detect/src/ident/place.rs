//! Coordinates: a pair of decimal degrees behind a label, or `lat` and `lon` side by side.
//!
//! Four decimals are eleven metres: a place of somebody. With fewer it is a town.

use crate::bytes::{alnum, at, before, cut, digit, looked, run};

/// Labels behind which a pair stands.
#[rustfmt::skip]
pub(crate) const LABELS: &[&str] = &[
    "coordinates", "coordinate", "coords", "geo", "gps", "geolocation", "geopoint", "geohash",
    "location", "loc", "latlng", "latlon", "latlong", "lonlat", "lnglat", "ll", "lat lng",
    "lat lon", "lat long", "point", "maps", "koordinaten", "standort", "coordonnées",
    "coordonnees", "localisation", "coordenadas", "ubicación", "ubicacion", "coordinate gps",
    "position", "positions", "pos", "latlngs", "center", "centroid", "home location", "last seen",
    "waypoint", "geom", "geometry", "geocode", "whereabouts", "seen", "linestring", "polygon",
    "multipoint", "poi", "geotag", "geotagged", "koordinat", "koordináták", "souřadnice",
    "koordinaatit", "koordinater", "συντεταγμένες", "местоположение", "розташування", "konum",
    "konumu", "lokasi", "koordinat gps", "vị trí", "tọa độ", "الموقع", "إحداثيات", "מיקום", "位置",
    "位置情報", "经纬度", "緯度経度", "위치", "พิกัด",
    "posizione", "localização", "coördinaten", "współrzędne", "координаты", "坐标", "座標", "좌표",
];

/// Least decimals of a coordinate that is somebody's place.
const DECIMALS_COUNT_MIN: usize = 4;
/// How far a coordinate's other half may be, in bytes.
const PARTNER_BYTES_MAX: usize = 160;

/// A number in degrees at `i`, its sign left out: end and whole degrees.
fn degrees(bytes: &[u8], i: usize) -> Option<(usize, u32)> {
    let point = run(bytes, i, 4, digit);
    let end = run(bytes, point + 1, 20, digit);
    let whole = crate::ident::check::small(bytes.get(i..point)?, 0, point - i);
    let shaped = (1..=3).contains(&(point - i)) && at(bytes, point) == b'.';
    let exact = end.saturating_sub(point + 1) >= DECIMALS_COUNT_MIN;
    (shaped && exact && whole <= 180 && !alnum(at(bytes, end))).then_some((end, whole))
}

/// Start of the number at `i` with its sign.
fn signed(bytes: &[u8], i: usize) -> usize {
    i - usize::from(matches!(before(bytes, i), b'-' | b'+'))
}

/// Degrees, minutes and seconds at `i` with their hemisphere: `48°51'24.1"N`; where they end.
fn sexagesimal(text: &str, i: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let degrees = run(bytes, i, 3, digit);
    let minutes = degrees + "°".len();
    if degrees == i || cut(text, degrees, minutes) != "°" {
        return None;
    }
    let signs = |b: u8| {
        digit(b)
            || matches!(
                b,
                b'.' | b'\'' | b'"' | b' ' | b'\\' | 0xe2 | 0x80 | 0xb2 | 0xb3
            )
    };
    let end = run(bytes, minutes, SEXAGESIMAL_BYTES_MAX, signs);
    let digits = bytes
        .get(minutes..end)?
        .iter()
        .filter(|b| digit(**b))
        .count();
    let hemisphere = matches!(at(bytes, end), b'N' | b'S' | b'E' | b'W' | b'O');
    (digits >= 2 && hemisphere && !alnum(at(bytes, end + 1))).then_some(end + 1)
}

/// Longest minutes and seconds in bytes.
const SEXAGESIMAL_BYTES_MAX: usize = 24;

/// Latitude and longitude of a NMEA 0183 sentence at `i`: `4807.038,N,01131.000,E`. Nothing else
/// is written so.
pub(crate) fn nmea(bytes: &[u8], i: usize) -> Option<(usize, usize)> {
    let half = |from: usize, whole: usize, hemispheres: [u8; 2]| {
        let point = run(bytes, from, whole + 1, digit);
        let end = run(bytes, point + 1, 8, digit);
        let shaped = point == from + whole && at(bytes, point) == b'.' && end >= point + 3;
        let sided = at(bytes, end) == b',' && hemispheres.contains(&at(bytes, end + 1));
        (shaped && sided).then_some(end + 2)
    };
    if at(bytes, i + 4) != b'.' {
        return None;
    }
    let north = half(i, 4, *b"NS")?;
    let east = half(north + 1, 5, *b"EW").filter(|_| at(bytes, north) == b',')?;
    Some((i, east))
}

/// A pair at `i`: `48.8566, 2.3522`, `2.3522 48.8566`, `48.8566;2.3522`.
pub(crate) fn pair(text: &str, i: usize) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    if let Some(end) = sexagesimal(text, i) {
        let next = run(bytes, end, 4, |b| matches!(b, b' ' | b',' | b';' | b'/'));
        return Some((i, sexagesimal(text, next).unwrap_or(end)));
    }
    let (end, first) = degrees(bytes, i)?;
    // `48.8566° N, 2.3522° E`.
    let part = run(bytes, end, 8, |b| {
        matches!(
            b,
            b' ' | b',' | b';' | b'N' | b'S' | b'E' | b'W' | b'+' | 0xc2 | 0xb0
        )
    });
    let next = part + usize::from(at(bytes, part) == b'-');
    let (end, second) = degrees(bytes, next)?;
    let parted = part > end.min(part) || next > i;
    (parted && first.min(second) <= 90).then(|| (signed(bytes, i), end))
}

/// One half at `i`, whose other half stands within reach: `"lat": 48.8566, "lon": 2.3522`.
pub(crate) fn coordinate(text: &str, i: usize) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    let (end, _) = degrees(bytes, i)?;
    let start = signed(bytes, i);
    let sign = crate::bytes::run_back(bytes, start, 6, |b| {
        matches!(b, b' ' | b'"' | b'\'' | b'\\')
    });
    if !matches!(before(bytes, sign), b':' | b'=' | b'>') {
        return None;
    }
    let from = crate::bytes::ceil(text, start.saturating_sub(PARTNER_BYTES_MAX));
    let to = crate::bytes::floor(text, end + PARTNER_BYTES_MAX);
    looked(to - from);
    let around = crate::bytes::lower(cut(text, from, to));
    let has = |word: &str| around.contains(word);
    (has("lat") && (has("lon") || has("lng"))).then_some((start, end))
}

#[cfg(test)]
mod tests {
    use crate::ident::table::check_texts;

    #[test]
    fn pairs_and_halves() {
        check_texts(
            |c| c.is_ascii_digit(),
            &[
                ("gps 48.856613, 2.352222", Some("48.856613, 2.352222")),
                (
                    "location=-33.868820,151.209290",
                    Some("-33.868820,151.209290"),
                ),
                (
                    "\"coordinates\":[2.352222,48.856613]",
                    Some("2.352222,48.856613"),
                ),
                ("POINT(2.352222 48.856613)", Some("2.352222 48.856613")),
                ("{\"lat\":48.856613,\"lon\":2.352222}", Some("48.856613")),
                ("latitude=48.8566 longitude=2.3522", Some("48.8566")),
                ("lat 48.856613 long 2.352222", None),
                ("lat=12.345678 ms", None),
                ("gps 48.85, 2.35", None),
                ("$GPGGA,123519,4807.038,N,01131.000,E,1", None),
                ("fix 4807.038,N,01131.000,E", Some("4807.038,N,01131.000,E")),
                ("geo:48.201000,16.369500", Some("48.201000,16.369500")),
                ("maps/@48.856613,2.352222,15z", Some("48.856613,2.352222")),
                ("ratio 48.856613, 2.352222", None),
                ("location 1.2.3456", None),
            ],
        );
    }

    #[test]
    fn a_field_of_degrees_minutes_and_seconds() {
        for (value, wanted) in [
            ("48°51'24\"N 2°21'03\"E", true),
            ("48°51'24.1\"N", true),
            ("48°51'24", false),
            ("angle 48°", false),
        ] {
            let found = crate::ident::named("location", value);
            assert_eq!(found.is_some(), wanted, "{value}");
        }
    }
}
