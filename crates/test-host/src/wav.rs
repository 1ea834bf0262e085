//! Sound files in and out.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use hound::{SampleFormat, WavReader, WavSpec, WavWriter};

/// Writes a WAV file of 32-bit floats, over an existing one. All channels are equally long.
///
/// # Errors
/// The file cannot be written, or there are no channels.
pub fn write(path: &Path, channels: &[Vec<f32>], rate: u32) -> Result<()> {
    ensure!(!channels.is_empty(), "a sound without channels cannot be written");
    let spec = WavSpec {
        channels: u16::try_from(channels.len())?,
        sample_rate: rate,
        bits_per_sample: 32,
        sample_format: SampleFormat::Float,
    };
    let cannot = || format!("{} cannot be written", path.display());
    let mut writer = WavWriter::create(path, spec).with_context(cannot)?;
    for frame in 0..channels[0].len() {
        for channel in channels {
            writer.write_sample(channel[frame]).with_context(cannot)?;
        }
    }
    writer.finalize().with_context(cannot)
}

/// Reads a WAV file: its channels, integers scaled to 1, and its rate in Hz.
///
/// # Errors
/// The file cannot be read, or is no WAV file.
pub fn read(path: &Path) -> Result<(Vec<Vec<f32>>, u32)> {
    let cannot = || format!("{} cannot be read as a WAV file", path.display());
    let mut reader = WavReader::open(path).with_context(cannot)?;
    let spec = reader.spec();
    let samples: Vec<f32> = match spec.sample_format {
        SampleFormat::Float => reader.samples::<f32>().collect::<Result<_, _>>(),
        SampleFormat::Int => {
            let scale = 1.0 / (1_i64 << (spec.bits_per_sample - 1)) as f64;
            reader.samples::<i32>().map(|sample| Ok((f64::from(sample?) * scale) as f32)).collect()
        }
    }
    .with_context(cannot)?;
    let count = usize::from(spec.channels);
    let channel = |index| samples.iter().skip(index).step_by(count).copied().collect();
    Ok(((0..count).map(channel).collect(), spec.sample_rate))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(name: &str) -> std::path::PathBuf {
        std::env::temp_dir().join(format!("csound-performer-{}-{name}.wav", std::process::id()))
    }

    #[test]
    fn floats_come_back_bit_for_bit() {
        let path = path("floats");
        let channels = vec![vec![0.0, -1.5, f32::MIN_POSITIVE, 1e-40], vec![1.0, 0.1, -0.0, 3.0]];
        write(&path, &channels, 44_100).unwrap();
        write(&path, &channels, 48_000).unwrap();
        let (back, rate) = read(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        assert_eq!(rate, 48_000);
        let bits = |channels: &[Vec<f32>]| channels.concat().iter().map(|x| x.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&back), bits(&channels));
    }

    #[test]
    fn integers_are_scaled_to_one() {
        let path = path("integers");
        let spec =
            WavSpec { channels: 1, sample_rate: 8000, bits_per_sample: 24, sample_format: SampleFormat::Int };
        let mut writer = WavWriter::create(&path, spec).unwrap();
        writer.write_sample(-(1 << 23)).unwrap();
        writer.write_sample(1 << 22).unwrap();
        writer.finalize().unwrap();
        let (back, _) = read(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        assert_eq!(back, [vec![-1.0, 0.5]]);
    }

    #[test]
    fn errors_name_the_file() {
        assert!(format!("{:#}", read(Path::new("no/such.wav")).unwrap_err()).contains("no/such.wav"));
        let error = write(Path::new("no/such.wav"), &[vec![0.0]], 48_000).unwrap_err();
        assert!(format!("{error:#}").contains("no/such.wav"));
    }
}
