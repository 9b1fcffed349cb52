//! Files of pictures: their formats by the endings of their names, for all commands that draw.

use std::io::Write;
use std::path::Path;

use efficientnet::runtime::files::write_atomically;

use crate::draw::png::PngError;
use crate::draw::{Leaf, Scene, Theme, html, png, svg};
use crate::failure::Failure;
use crate::files;

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// Boxes and edges for Graphviz, which places them.
    Dot,
    /// A scene.
    Drawn(Drawn),
}

/// Formats of scenes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Drawn {
    Svg,
    Html,
    Png,
}

/// Formats by the ending of a file's name.
const FORMATS: [(&str, Format); 4] = [
    ("svg", Format::Drawn(Drawn::Svg)),
    ("html", Format::Drawn(Drawn::Html)),
    ("dot", Format::Dot),
    ("png", Format::Drawn(Drawn::Png)),
];

/// A file to write a picture to.
pub(super) struct Target<'a> {
    path: &'a Path,
    pub(super) format: Format,
    theme: Option<Theme>,
}

impl<'a> Target<'a> {
    /// Looks at a file's name and place before anything is computed; `specs` are files that are read, or
    /// names of bundled specs.
    ///
    /// # Errors
    /// If the ending is not known, the theme does not apply to it, or the file cannot be written.
    pub(super) fn new<'s>(
        path: &'a Path,
        theme: Option<Theme>,
        specs: impl IntoIterator<Item = Option<&'s str>>,
    ) -> Result<Self, Failure> {
        let format = format(path).ok_or_else(|| unknown(path, ".svg, .html, .dot or .png"))?;
        if theme.is_some() && format != Format::Drawn(Drawn::Png) {
            let reason = "--theme is for .png, the other formats follow the viewer's; leave it out";
            return Err(Failure::mistake(reason));
        }
        let inputs: Vec<&Path> = specs.into_iter().flatten().map(Path::new).collect();
        files::check_output(path, &inputs)?;
        Ok(Self {
            path,
            format,
            theme,
        })
    }

    /// [`Self::new`] for what Graphviz cannot place.
    ///
    /// # Errors
    /// As for [`Self::new`], and if the file is a `.dot`.
    pub(super) fn drawn<'s>(
        path: &'a Path,
        theme: Option<Theme>,
        specs: impl IntoIterator<Item = Option<&'s str>>,
    ) -> Result<(Self, Drawn), Failure> {
        const ENDINGS: &str = ".svg, .html or .png";
        match format(path) {
            Some(Format::Drawn(format)) => Ok((Self::new(path, theme, specs)?, format)),
            Some(Format::Dot) => Err(Failure::Mistake(format!(
                "{}: a .dot cannot hold two variants row by row; give a name that ends in \
                 {ENDINGS}, or draw one after the other with `efficientnet plot`",
                path.display()
            ))),
            None => Err(unknown(path, ENDINGS)),
        }
    }

    /// Writes a scene; the boxes in the order that it counts them in. `advice` says what else there is than
    /// a picture of too many pixels.
    ///
    /// # Errors
    /// If it cannot be drawn or written.
    pub(super) fn draw<'l>(
        &self,
        format: Drawn,
        scene: &Scene,
        boxes: impl Iterator<Item = &'l Leaf>,
        advice: &str,
    ) -> Result<(), Failure> {
        let bytes = match format {
            Drawn::Svg => svg::write(scene, svg::Use::File).into_bytes(),
            Drawn::Html => html::write(scene, boxes).into_bytes(),
            Drawn::Png => pixels(scene, self.theme.unwrap_or_default(), advice)?,
        };
        self.write(&bytes)
    }

    /// Writes the bytes of a picture.
    ///
    /// # Errors
    /// If the system cannot.
    pub(super) fn write(&self, bytes: &[u8]) -> Result<(), Failure> {
        let write = |writer: &mut dyn Write| writer.write_all(bytes);
        write_atomically(self.path, write).map_err(Failure::system)
    }
}

fn format(path: &Path) -> Option<Format> {
    let ending = path.extension()?.to_str()?.to_ascii_lowercase();
    let known = FORMATS.iter().find(|(name, _)| *name == ending);
    known.map(|(_, format)| *format)
}

fn unknown(path: &Path, endings: &str) -> Failure {
    Failure::Mistake(format!(
        "{}: expected a file's name that ends in {endings}, one of which is the format",
        path.display()
    ))
}

fn pixels(scene: &Scene, theme: Theme, advice: &str) -> Result<Vec<u8>, Failure> {
    png::write(scene, theme).map_err(|error| match error {
        PngError::TooLarge { width, height } => Failure::Mistake(format!(
            "{}: {width} x {height} pixels are too many for a .png; choose {advice}",
            scene.title
        )),
        PngError::Render(reason) => Failure::Program(reason),
    })
}
