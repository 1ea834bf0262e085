//! Pictures that the commands draw.

pub mod canvas;
pub mod picture;
