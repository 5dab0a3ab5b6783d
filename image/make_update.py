#!/usr/bin/env python3
"""Makes signed update files, and the keys for it; the formats are in src/update/manifest.hpp.

  make_update.py key KEY.pem             makes a private key unless there is one
  make_update.py public KEY.pem...       prints the public keys, as update-keys has them
  make_update.py sign --slot FILE --version V --arch A [--minimum V] --key KEY.pem --out FILE

KEY.pem is an Ed25519 key as openssl writes it. Needs python3 and openssl only, so signing may be
done on a machine that does nothing else. The same slot and key give the same bytes.
"""
import argparse
import base64
import hashlib
import os
import shutil
import subprocess
import tempfile

# The oldest version that can share the data partition with this one: raised when this version
# writes what older ones cannot read. Older systems then refuse this update, and it refuses them.
MINIMUM_VERSION = "0.1.0"
PUBLIC_KEY_BYTES = 32


def openssl(*words):
    return subprocess.run(["openssl", *words], check=True, capture_output=True).stdout


def make_key(path):
    os.makedirs(os.path.dirname(os.path.abspath(path)), mode=0o700, exist_ok=True)
    before = os.umask(0o077)
    try:
        openssl("genpkey", "-algorithm", "ed25519", "-out", path + ".new")
    finally:
        os.umask(before)
    os.rename(path + ".new", path)


def public_key_line(path):
    """Of a private key's file; of a public one's too."""
    with open(path, encoding="ascii") as file:
        kind = ["-pubin"] if "BEGIN PUBLIC KEY" in file.read() else []
    key = openssl("pkey", *kind, "-in", path, "-pubout", "-outform", "DER")[-PUBLIC_KEY_BYTES:]
    return base64.b64encode(key).decode() + " " + os.path.basename(path)


def manifest_of(slot, version, arch, minimum):
    with open(slot, "rb") as file:
        digest = hashlib.sha256()
        while piece := file.read(1 << 20):
            digest.update(piece)
    return (f"postern-update 1\nversion {version}\narch {arch}\nminimum-version {minimum}\n"
            f"slot-bytes {os.path.getsize(slot)}\nslot-sha256 {digest.hexdigest()}\n").encode()


def sign(text, key):
    with tempfile.NamedTemporaryFile() as file:  # openssl wants to know the length before
        file.write(text)
        file.flush()
        return openssl("pkeyutl", "-sign", "-rawin", "-inkey", key, "-in", file.name)


def make_update(slot, version, arch, key, out, minimum=MINIMUM_VERSION):
    manifest = manifest_of(slot, version, arch, minimum)
    with open(out, "wb") as file, open(slot, "rb") as source:
        file.write(manifest + b"signature " + base64.b64encode(sign(manifest, key)) + b"\n")
        shutil.copyfileobj(source, file, 1 << 20)


def main():
    parser = argparse.ArgumentParser(description="makes signed update files and keys for it")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("key").add_argument("key")
    commands.add_parser("public").add_argument("key", nargs="+")
    signing = commands.add_parser("sign")
    for name in ("slot", "version", "arch", "key", "out"):
        signing.add_argument(f"--{name}", required=True)
    signing.add_argument("--minimum", default=MINIMUM_VERSION)
    arguments = parser.parse_args()
    if arguments.command == "key":
        if not os.path.exists(arguments.key):
            make_key(arguments.key)
    elif arguments.command == "public":
        for path in arguments.key:
            print(public_key_line(path))
    else:
        make_update(arguments.slot, arguments.version, arguments.arch, arguments.key,
                    arguments.out, arguments.minimum)


if __name__ == "__main__":
    main()
