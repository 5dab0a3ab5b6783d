"""The hash tree that lets the kernel notice a rotten block of a slot (dm-verity, format 1).

A slot is then, in blocks of 4,096 bytes: the squashfs; a block of text, read by
src/update/open_verity_main.cpp,

  postern-verity 1
  data-blocks N         the squashfs's
  salt <64 digits>
  root-hash <64 digits>

filled up with LF; the tree, its top first. This guards against bad media, not against somebody
who can write to the disk: the root hash stands beside what it guards.
"""
import hashlib
import os
import struct

BLOCK = 4096
DIGEST_BYTES = 32
SQUASHFS_MAGIC = b"hsqs"
BYTES_USED_AT = 40  # in the squashfs's first block


def squashfs_bytes(path):
    with open(path, "rb") as file:
        head = file.read(BYTES_USED_AT + 8)
    if not head.startswith(SQUASHFS_MAGIC):
        raise ValueError(f"{path} is no squashfs")
    return struct.unpack_from("<Q", head, BYTES_USED_AT)[0]


def blocks_of(data):
    return [data[at:at + BLOCK] for at in range(0, len(data), BLOCK)]


def hash_blocks(blocks, salt):
    """One level of the tree: the digests of blocks, in whole blocks."""
    digests = b"".join(hashlib.sha256(salt + block).digest() for block in blocks)
    return digests + bytes(-len(digests) % BLOCK)


def append_verity(path):
    """To a file that holds a squashfs; what stood behind the squashfs is dropped."""
    size = squashfs_bytes(path)
    size += -size % BLOCK
    os.truncate(path, size)
    with open(path, "rb") as file:
        data = file.read()
    salt = hashlib.sha256(data).digest()  # any will do; the same for the same data
    levels = [hash_blocks(blocks_of(data), salt)]
    while len(levels[-1]) > BLOCK:
        levels.append(hash_blocks(blocks_of(levels[-1]), salt))
    root = hashlib.sha256(salt + levels[-1]).digest()
    text = (f"postern-verity 1\ndata-blocks {size // BLOCK}\nsalt {salt.hex()}\n"
            f"root-hash {root.hex()}\n").encode()
    with open(path, "ab") as file:
        file.write(text.ljust(BLOCK, b"\n"))
        for level in reversed(levels):
            file.write(level)
