"""Files in, files out: stacks, Cell Tracking Challenge folders and label images."""
