"""How data get in: files are read, decoded, reprojected, checked and matched; bad rows go to quarantine."""
