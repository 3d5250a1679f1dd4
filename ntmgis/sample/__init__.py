"""A synthetic province of any size, made from published figures alone and marked as sample everywhere."""
