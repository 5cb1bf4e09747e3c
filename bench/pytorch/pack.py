"""Reads npair's packs: magic, version, header as JSON, images, labels."""

import json
import struct

import numpy as np


def read(path: str) -> tuple[np.ndarray, np.ndarray, dict]:
    """Images `[n, h, w, c]` uint8, labels `[n]` int32, and the header."""
    content = open(path, "rb").read()
    assert content[:8] == b"NPAIRPAK"
    version, length = struct.unpack("<II", content[8:16])
    assert version == 1
    header = json.loads(content[48 : 48 + length])
    section = lambda name: content[header[name]["offset"] :][: header[name]["bytes"]]
    shape = (header["count"], header["height"], header["width"], header["channels"])
    images = np.frombuffer(section("images"), np.uint8).reshape(shape)
    return images, np.frombuffer(section("labels"), "<i4"), header
