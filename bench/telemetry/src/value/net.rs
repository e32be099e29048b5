//! Addresses of machines, which a person sits at.

use super::Value;
use crate::draw::Draw;
use crate::noise::expand;

/// An IP address: of documentation and private ranges, and of the rest of the space.
pub(crate) fn ip(draw: &mut Draw) -> Value {
    let form = draw.of(&[
        "203.0.113.{octet}",
        "198.51.100.{octet}",
        "192.0.2.{octet}",
        "10.{octet}.{octet}.{octet}",
        "172.16.{octet}.{octet}",
        "192.168.{octet}.{octet}",
        "{first}.{octet}.{octet}.{octet}",
        "{first}.{octet}.{octet}.{octet}",
        "2001:db8::{h4}:{h4}",
        "2001:db8:{h4}:{h4}:{h4}:{h4}:{h4}:{h4}",
        "fe80::{h4}:{h4}:{h4}:{h4}",
        "::ffff:198.51.100.{octet}",
        "2001:db8:0:1::{h2}",
    ]);
    let mut text = form.to_owned();
    while let Some(at) = text.find("{octet}").or_else(|| text.find("{first}")) {
        let number = if text.get(at..).is_some_and(|t| t.starts_with("{first}")) {
            draw.between(11, 223).max(20)
        } else {
            draw.between(1, 254)
        };
        text.replace_range(at..at + "{octet}".len(), &number.to_string());
    }
    let locale = if form.contains(':') { "v6" } else { "v4" };
    Value::personal("ip", expand(draw, &text))
        .told(
            &[
                "ip",
                "client ip",
                "remote addr",
                "ip address",
                "peer address",
                "source ip",
                "x forwarded for",
                "client address",
                "remote ip",
                "src ip",
                "host ip",
                "user ip",
            ],
            &[
                "from",
                "client",
                "ip",
                "peer",
                "remote address",
                "connection from",
            ],
        )
        .of(locale)
        .bare()
}

/// A hardware address.
pub(crate) fn mac(draw: &mut Draw) -> Value {
    let form = draw.of(&[
        "{m}:{h2}:{h2}:{h2}:{h2}:{h2}",
        "{M}-{H2}-{H2}-{H2}-{H2}-{H2}",
        "{m}{h2}.{h4}.{h4}",
    ]);
    // Six pairs with a letter in the first, so that it cannot be read as a time.
    let first = draw.of(&["3c", "a4", "9c", "b8", "d4", "0c", "f0", "ac"]);
    let text = form
        .replace("{m}", first)
        .replace("{M}", &first.to_uppercase());
    Value::personal("mac", expand(draw, &text))
        .told(
            &[
                "mac",
                "mac address",
                "hw addr",
                "client mac",
                "device mac",
                "bssid",
                "hardware address",
            ],
            &["MAC", "hwaddr", "station", "lease for"],
        )
        .bare()
}
