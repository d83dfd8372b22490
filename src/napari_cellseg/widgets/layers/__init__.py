"""napari's layers: what is segmented, and what shows results."""
