//! The inputs of applications that are made up: how they are made, and that they are what readers of
//! such files expect. `UPDATE_EXPECT=1` writes them.

use std::{env, fmt::Write, fs, io::Cursor, path::Path};

use tiff::{
    ColorType,
    decoder::{Decoder, DecodingResult},
    encoder::{TiffEncoder, colortype::Gray16},
};

/// The file's bytes, after it was written anew if that is asked for. It must be as `made`.
#[track_caller]
fn bundled(path: &str, made: &[u8]) -> Vec<u8> {
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let path = project.join("tests/applications").join(path);
    if env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(&path, made).unwrap();
    }
    let there = fs::read(&path).unwrap();
    let path = path.display();
    assert!(
        there == made,
        "{path} is not as it is made: UPDATE_EXPECT=1 writes it"
    );
    assert!(
        there.len() < 8000,
        "{path} is for a page that loads it at each run"
    );
    there
}

const SIZE: u32 = 20;
const FRAMES: u32 = 5;
/// The camera's counts without light, and those of an emitter at its centre.
const BASELINE: f64 = 100.0;
const BRIGHT: f64 = 1000.0;

/// Where each emitter is, and in which frames it is on.
const EMITTERS: [(u32, u32, std::ops::Range<u32>); 4] =
    [(4, 4, 0..2), (14, 6, 1..4), (7, 15, 2..5), (16, 16, 0..5)];

/// A frame with an Airy disk, roughly, for each emitter.
fn frame(number: u32) -> Vec<u16> {
    let pixels = (0..SIZE * SIZE).map(|at| {
        let (x, y) = (f64::from(at % SIZE), f64::from(at / SIZE));
        let on = EMITTERS
            .iter()
            .filter(|(.., frames)| frames.contains(&number));
        let light = on.map(|(column, row, _)| {
            let square = (x - f64::from(*column)).powi(2) + (y - f64::from(*row)).powi(2);
            BRIGHT * (-square / 3.0).exp()
        });
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it fits"
        )]
        let counts = (BASELINE + light.sum::<f64>()).round() as u16;
        counts
    });
    pixels.collect()
}

#[test]
fn the_recording_is_a_stack_of_frames_with_emitters() {
    let mut made = Cursor::new(Vec::new());
    let mut encoder = TiffEncoder::new(&mut made).unwrap();
    for number in 0..FRAMES {
        encoder
            .write_image::<Gray16>(SIZE, SIZE, &frame(number))
            .unwrap();
    }
    let there = bundled("decode_v0_10_1_fit/frames.tif", made.get_ref());

    let mut decoder = Decoder::new(Cursor::new(there)).unwrap();
    for number in 0..FRAMES {
        assert_eq!(decoder.dimensions().unwrap(), (SIZE, SIZE));
        assert_eq!(decoder.colortype().unwrap(), ColorType::Gray(16));
        let DecodingResult::U16(pixels) = decoder.read_image().unwrap() else {
            panic!("a pixel is a number of 16 bits");
        };
        let at = |column: u32, row: u32| f64::from(pixels[(row * SIZE + column) as usize]);
        assert!((at(0, 19) - BASELINE).abs() < 2.0, "no light in a corner");
        for (column, row, frames) in EMITTERS {
            let is_on = at(column, row) > BASELINE + BRIGHT / 2.0;
            assert_eq!(
                is_on,
                frames.contains(&number),
                "{column} {row} in frame {number}"
            );
        }
        assert_eq!(decoder.more_images(), number + 1 < FRAMES);
        if decoder.more_images() {
            decoder.next_image().unwrap();
        }
    }
}

/// Molecules that lie still while the sample drifts by (1, -0.5, 0.25) nm a frame.
#[test]
fn the_localizations_are_a_table_in_the_format_of_thunderstorm() {
    let mut made = String::from("\"frame\",\"x [nm]\",\"y [nm]\",\"z [nm]\"\n");
    for number in 1..=20_u32 {
        for (column, row, _) in &EMITTERS {
            let (x, y) = (f64::from(*column) * 127.0, f64::from(*row) * 116.0);
            let passed = f64::from(number);
            let place = [x + passed, y - passed * 0.5, passed * 0.25];
            let [x, y, z] = place.map(|nm| format!("{nm:.2}"));
            writeln!(made, "{number},{x},{y},{z}").unwrap();
        }
    }
    let there = bundled("comet_latest_run/localizations.csv", made.as_bytes());
    let there = String::from_utf8(there).unwrap();
    let rows: Vec<Vec<f64>> = there
        .lines()
        .skip(1)
        .map(|row| row.split(',').map(|cell| cell.parse().unwrap()).collect())
        .collect();
    assert!(rows.iter().all(|row| row.len() == 4));
    let (first, last) = (&rows[0], &rows[rows.len() - EMITTERS.len()]);
    let drift: Vec<_> = first.iter().zip(last).map(|(a, b)| b - a).collect();
    assert_eq!(drift, [19.0, 19.0, -9.5, 4.75]);
}

/// An element of a MAT file: type, size, and data up to a multiple of 8 bytes.
fn element(kind: u32, data: &[u8]) -> Vec<u8> {
    let size = u32::try_from(data.len()).unwrap();
    let mut element = [kind.to_le_bytes(), size.to_le_bytes()].concat();
    element.extend(data);
    element.resize(element.len().next_multiple_of(8), 0);
    element
}

/// The level 5 format of `MATLAB`, with one matrix.
#[test]
fn the_transformation_is_a_mat_file_with_a_matrix() {
    const IDENTITY: [f64; 9] = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0];
    let matrix = [
        element(6, &[6, 0, 0, 0, 0, 0, 0, 0]),
        element(5, &[3, 0, 0, 0, 3, 0, 0, 0]),
        element(1, b"trafo"),
        element(9, &IDENTITY.map(f64::to_le_bytes).concat()),
    ]
    .concat();
    let mut made = format!("{:124}", "MATLAB 5.0 MAT-file, made up for a test").into_bytes();
    made.extend(b"\x00\x01IM");
    made.extend(element(14, &matrix));
    let there = bundled("decode_latest_train/affine_trafo.mat", &made);
    assert_eq!(&there[124..128], b"\x00\x01IM");
    assert_eq!(there.len() % 8, 0);
}
