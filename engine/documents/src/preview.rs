//! A small picture of an image that somebody sent.
//!
//! What is shown is never what was sent: the pixels are read, turned as the camera said, made smaller and written anew, so
//! that places, devices and whatever else was hidden in the file stay behind.

use image::codecs::jpeg::JpegEncoder;
use image::{
    DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits, Rgb, RgbImage, Rgba,
};
use std::io::Cursor;

/// Media type of every preview.
pub const PREVIEW_TYPE: &str = "image/jpeg";
/// Media types of which there are previews.
pub const PREVIEWED_TYPES: [&str; 3] = ["image/jpeg", "image/png", "image/webp"];
/// Most pixels of an image: what today's cameras take, and no more.
const MOST_PIXELS: u64 = 50_000_000;
/// Longest side in pixels.
const LONGEST_SIDE: u32 = 20_000;
/// Most bytes of memory for one image.
const MOST_BYTES: u64 = 256 * 1024 * 1024;
/// Quality of the JPEG, of 100.
const QUALITY: u8 = 82;

/// Why there is no preview.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PreviewError {
    /// Not JPEG, PNG or WebP, whatever its name says.
    #[error("the file is not an image that can be shown (JPEG, PNG or WebP)")]
    NotAnImage,
    /// More pixels than are unpacked for a preview.
    #[error("the image has more than {} million pixels", MOST_PIXELS / 1_000_000)]
    TooLarge,
    /// It ends too early or contradicts itself.
    #[error("the image is damaged")]
    Damaged,
}

/// Draws an image within a square of `side` pixels, as a JPEG without anything else in it. Smaller ones keep their size,
/// and what is transparent becomes white.
///
/// # Errors
/// [`PreviewError`] where the bytes are no such image, or one that is too large to unpack.
pub fn preview(bytes: &[u8], side: u32) -> Result<Vec<u8>, PreviewError> {
    let mut reader = ImageReader::new(Cursor::new(bytes))
        .with_guessed_format()
        .map_err(|_| PreviewError::NotAnImage)?;
    match reader.format() {
        Some(ImageFormat::Jpeg) if !ends(bytes) => return Err(PreviewError::Damaged),
        Some(ImageFormat::Jpeg | ImageFormat::Png | ImageFormat::WebP) => {}
        _ => return Err(PreviewError::NotAnImage),
    }
    let mut limits = Limits::default();
    limits.max_image_width = Some(LONGEST_SIDE);
    limits.max_image_height = Some(LONGEST_SIDE);
    limits.max_alloc = Some(MOST_BYTES);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|error| why(&error))?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MOST_PIXELS || decoder.total_bytes() > MOST_BYTES {
        return Err(PreviewError::TooLarge);
    }
    let orientation = decoder.orientation().map_err(|error| why(&error))?;
    let mut image = DynamicImage::from_decoder(decoder).map_err(|error| why(&error))?;
    if width > side || height > side {
        image = image.thumbnail(side, side);
    }
    image.apply_orientation(orientation);
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, QUALITY)
        .encode_image(&on_white(&image))
        .map_err(|error| why(&error))?;
    Ok(jpeg)
}

fn why(error: &ImageError) -> PreviewError {
    match error {
        ImageError::Limits(_) => PreviewError::TooLarge,
        ImageError::Unsupported(_) => PreviewError::NotAnImage,
        _ => PreviewError::Damaged,
    }
}

fn on_white(image: &DynamicImage) -> RgbImage {
    if !image.color().has_alpha() {
        return image.to_rgb8();
    }
    let seen = image.to_rgba8();
    RgbImage::from_fn(seen.width(), seen.height(), |x, y| {
        let Rgba([red, green, blue, alpha]) = *seen.get_pixel(x, y);
        let mixed = |part: u8| {
            let sum = u32::from(part) * u32::from(alpha) + 255 * (255 - u32::from(alpha));
            u8::try_from(sum / 255).unwrap_or(u8::MAX)
        };
        Rgb([mixed(red), mixed(green), mixed(blue)])
    })
}

/// Whether a JPEG has its end after its picture. The decoder would fill up with grey what is missing.
fn ends(jpeg: &[u8]) -> bool {
    const START_OF_PICTURE: u8 = 0xda;
    let mut place = 2;
    // Before the picture lie parts with a mark and a length; a small picture in one of them has an end of its own.
    while let Some([0xff, mark, high, low]) = jpeg.get(place..place + 4) {
        place += 2 + usize::from(u16::from_be_bytes([*high, *low]));
        if *mark == START_OF_PICTURE {
            let rest = jpeg.get(place..).unwrap_or_default();
            return rest.windows(2).any(|pair| pair == [0xff, 0xd9]);
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Red on the left, blue on the right.
    fn two_halves(width: u32, height: u32) -> DynamicImage {
        RgbImage::from_fn(width, height, |x, _| match x < width / 2 {
            true => Rgb([250, 10, 10]),
            false => Rgb([10, 10, 250]),
        })
        .into()
    }

    fn written(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        image.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    fn shown(bytes: &[u8], side: u32) -> RgbImage {
        let jpeg = preview(bytes, side).unwrap();
        image::load_from_memory_with_format(&jpeg, ImageFormat::Jpeg)
            .unwrap()
            .to_rgb8()
    }

    #[test]
    fn an_image_is_drawn_anew_within_its_square() {
        for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP] {
            let drawn = shown(&written(&two_halves(640, 320), format), 160);
            assert_eq!(drawn.dimensions(), (160, 80), "{format:?}");
            let (left, right) = (drawn.get_pixel(20, 40), drawn.get_pixel(140, 40));
            assert!(left[0] > 200 && left[2] < 60, "{format:?} {left:?}");
            assert!(right[2] > 200 && right[0] < 60, "{format:?} {right:?}");
        }
        let small = shown(&written(&two_halves(8, 4), ImageFormat::Png), 160);
        assert_eq!(small.dimensions(), (8, 4));
        let clear = DynamicImage::ImageRgba8(image::RgbaImage::new(4, 4));
        let white = shown(&written(&clear, ImageFormat::Png), 160);
        assert!(white.get_pixel(1, 1)[0] > 250, "transparent is white");
    }

    #[test]
    fn the_camera_says_how_it_stands_and_nothing_of_that_is_passed_on() {
        let plain = written(&two_halves(64, 32), ImageFormat::Jpeg);
        // Orientation 6: to be turned by a quarter to the right.
        let mut exif = b"\xff\xe1\x00\x00Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00\x00\x00\x00\x00Hemmelig Vej 1".to_vec();
        let length = u16::try_from(exif.len() - 2).unwrap().to_be_bytes();
        exif[2..4].copy_from_slice(&length);
        let told = [&plain[..2], &exif, &plain[2..]].concat();
        let drawn = shown(&told, 160);
        assert_eq!(drawn.dimensions(), (32, 64));
        assert!(drawn.get_pixel(16, 8)[0] > 200, "red is on top");
        let jpeg = preview(&told, 160).unwrap();
        assert!(!jpeg.windows(8).any(|part| part == b"Hemmelig"));
        assert!(!jpeg.windows(4).any(|part| part == b"Exif"));
    }

    #[test]
    fn hostile_and_damaged_images_have_no_preview() {
        let png = written(&two_halves(640, 320), ImageFormat::Png);
        let jpeg = written(&two_halves(640, 320), ImageFormat::Jpeg);
        let webp = written(&two_halves(640, 320), ImageFormat::WebP);
        for whole in [&png, &jpeg, &webp] {
            for part in [whole.len() / 2, whole.len() - 20, 30] {
                let cut = preview(&whole[..part], 160);
                assert!(cut.is_err(), "{part} of {}", whole.len());
            }
        }
        // A header that promises 3.6 thousand million pixels, and one with a side within the limit.
        for (width, height) in [(60_000_u32, 60_000_u32), (19_000, 19_000)] {
            let mut bomb = png.clone();
            bomb[16..20].copy_from_slice(&width.to_be_bytes());
            bomb[20..24].copy_from_slice(&height.to_be_bytes());
            let mut sum = flate2::Crc::new();
            sum.update(&bomb[12..29]);
            bomb[29..33].copy_from_slice(&sum.sum().to_be_bytes());
            assert_eq!(preview(&bomb, 160), Err(PreviewError::TooLarge));
        }
        for other in [
            &b"<svg xmlns='http://www.w3.org/2000/svg'/>"[..],
            b"GIF89a",
            b"",
        ] {
            assert_eq!(preview(other, 160), Err(PreviewError::NotAnImage));
        }
    }
}
