"""Parts of docks that know nothing of cells: forms, sliders, plots, sections."""
