"""One picture by Pillow, as the original project does it: RGB, resized with its aspect kept, padded to a square."""

from PIL import Image


def padded(file, size, draft=False):
    image = Image.open(file)
    if draft:
        image.draft("RGB", (size, size))
    image = image.convert("RGB")
    scale = size / max(image.size)
    image = image.resize((max(1, round(image.width * scale)), max(1, round(image.height * scale))))
    square = Image.new("RGB", (size, size))
    square.paste(image, ((size - image.width) // 2, (size - image.height) // 2))
    return square
