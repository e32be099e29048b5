//! CRC-32C (Castagnoli), eight bytes a step.
//!
//! *Why so:* the checksum only finds frames again after damage; authenticity is the seal's. Forty
//! lines of table arithmetic are less to trust than a crate with hand-written intrinsics.

const POLYNOMIAL: u32 = 0x82F6_3B78;
const LANES: usize = 8;
static TABLES: [[u32; 256]; LANES] = tables();

#[expect(
    clippy::indexing_slicing,
    reason = "constant evaluation: out of bounds does not compile"
)]
const fn tables() -> [[u32; 256]; LANES] {
    let mut tables = [[0_u32; 256]; LANES];
    let mut byte = 0;
    while byte < 256 {
        let mut crc = byte as u32;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 1 == 1 {
                (crc >> 1) ^ POLYNOMIAL
            } else {
                crc >> 1
            };
            bit += 1;
        }
        tables[0][byte] = crc;
        byte += 1;
    }
    let mut lane = 1;
    while lane < LANES {
        let mut byte = 0;
        while byte < 256 {
            let before = tables[lane - 1][byte];
            tables[lane][byte] = (before >> 8) ^ tables[0][(before & 0xFF) as usize];
            byte += 1;
        }
        lane += 1;
    }
    tables
}

/// Continues a checksum over more bytes; the first call begins with 0.
pub(crate) fn update(crc: u32, bytes: &[u8]) -> u32 {
    let [t0, t1, t2, t3, t4, t5, t6, t7] = &TABLES;
    let mut crc = !crc;
    let (words, rest) = bytes.as_chunks::<LANES>();
    for [b0, b1, b2, b3, b4, b5, b6, b7] in words {
        let [c0, c1, c2, c3] = crc.to_le_bytes();
        crc = entry(t7, b0 ^ c0)
            ^ entry(t6, b1 ^ c1)
            ^ entry(t5, b2 ^ c2)
            ^ entry(t4, b3 ^ c3)
            ^ entry(t3, *b4)
            ^ entry(t2, *b5)
            ^ entry(t1, *b6)
            ^ entry(t0, *b7);
    }
    for byte in rest {
        let [low, ..] = crc.to_le_bytes();
        crc = (crc >> 8) ^ entry(t0, low ^ byte);
    }
    !crc
}

#[expect(
    clippy::indexing_slicing,
    reason = "a byte cannot leave a table of 256"
)]
fn entry(table: &[u32; 256], byte: u8) -> u32 {
    table[usize::from(byte)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_the_published_vectors() {
        // RFC 3720, appendix B.4, and the check value of the CRC catalogue.
        let ascending: Vec<u8> = (0..32).collect();
        assert_eq!(update(0, b"123456789"), 0xE306_9283);
        assert_eq!(update(0, &[0; 32]), 0x8A91_36AA);
        assert_eq!(update(0, &[0xFF; 32]), 0x62A8_AB43);
        assert_eq!(update(0, &ascending), 0x46DD_794E);
    }

    #[test]
    fn pieces_give_the_sum_of_the_whole() {
        let bytes: Vec<u8> = (0..=255).cycle().take(1_000).collect();
        for cut in [0, 1, 7, 8, 9, 500, 999, 1_000] {
            let (head, tail) = bytes.split_at(cut);
            assert_eq!(update(update(0, head), tail), update(0, &bytes), "{cut}");
        }
    }
}
