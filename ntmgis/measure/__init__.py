"""What the data mean: pure functions, frames in, frames out."""
