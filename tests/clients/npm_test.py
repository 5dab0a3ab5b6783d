"""nodemailer and imapflow, installed by npm into ~/.cache/postern; skipped when npm cannot."""
import hashlib
import os
import shutil
import subprocess
import sys

from harness import PASSWORD, SKIPPED, ClientTest, main, need

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "npm")
INSTALL_TIMEOUT_S = 180


def install():
    """The directory with node_modules in it, or None."""
    with open(os.path.join(HERE, "package.json"), "rb") as file:
        key = hashlib.sha256(file.read()).hexdigest()[:12]
    cache = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"),
                         "postern", f"npm-{key}")
    if not os.path.exists(os.path.join(cache, "installed")):
        os.makedirs(cache, exist_ok=True)
        shutil.copy(os.path.join(HERE, "package.json"), cache)
        try:
            done = subprocess.run(
                ["npm", "install", "--no-audit", "--no-fund", "--no-package-lock",
                 "--ignore-scripts", "--loglevel=error"], cwd=cache, timeout=INSTALL_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            return None
        if done.returncode != 0:
            return None
        open(os.path.join(cache, "installed"), "w", encoding="ascii").close()
    return cache


class Npm(ClientTest):
    def test_nodemailer_and_imapflow(self):
        # Modules are looked for beside the script.
        script = self.gateway.path("mail.mjs")
        shutil.copy(os.path.join(HERE, "mail.mjs"), script)
        os.symlink(os.path.join(MODULES, "node_modules"), self.gateway.path("node_modules"))
        port = self.gateway.port
        self.gateway.run(["node", script, *(str(port[name]) for name in (
            "submission", "submissions", "imap", "imaps")), PASSWORD])


if __name__ == "__main__":
    need("node", "npm")
    MODULES = install()
    if MODULES is None:
        print("npm could not install nodemailer and imapflow")
        sys.exit(SKIPPED)
    main()
