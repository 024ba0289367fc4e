"""Tar archives in the formats that are about, with names too long for the oldest of them.

    python3 test/golden/tar/make.py

Each holds the same files; what is not a file (folder, link) is to be passed over.
"""

import io
import tarfile
from pathlib import Path

here = Path(__file__).parent
files = {
    "short.txt": b"short",
    "empty.txt": b"",
    "a-folder/" * 12 + "in-a-deep-folder.txt": b"deep" * 200,
    "b" * 120 + ".txt": b"a long name",
    "naïve/🍎.txt": "not ASCII: 🍎".encode(),
    "last.txt": b"x" * 512,
}


def write(name, format, members):
    with tarfile.open(here / name, "w", format=format) as archive:
        folder = tarfile.TarInfo("a-folder")
        folder.type = tarfile.DIRTYPE
        archive.addfile(folder)
        for path, content in members.items():
            member = tarfile.TarInfo(path)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
            link = tarfile.TarInfo("link")
            link.type = tarfile.SYMTYPE
            link.linkname = "x" * 150 if format != tarfile.USTAR_FORMAT else "short.txt"
            archive.addfile(link)


write("gnu.tar", tarfile.GNU_FORMAT, files)
write("pax.tar", tarfile.PAX_FORMAT, files)
write("ustar.tar", tarfile.USTAR_FORMAT, {path: content for path, content in files.items() if not path.startswith("b")})

# A size as a binary number, as GNU tar writes those beyond 8 GB.
content = b"counted in binary"
block = bytearray(tarfile.TarInfo("binary.txt").tobuf(tarfile.GNU_FORMAT))
block[124:136] = b"\x80" + len(content).to_bytes(11, "big")
block[148:156] = b" " * 8
block[148:156] = b"%06o\0 " % sum(block[:512])
(here / "binary-size.tar").write_bytes(bytes(block) + content.ljust(512, b"\0") + b"\0" * 1024)
