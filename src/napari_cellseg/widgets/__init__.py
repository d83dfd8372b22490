"""The window: docks in napari. The only place that knows Qt and napari."""
