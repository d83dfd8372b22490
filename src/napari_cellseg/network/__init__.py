"""From an image to maps: architectures, model files, devices, prediction."""
