"""postern-bench against a running gateway: every workload a little, and --verify, which must find
what the generator itself was told to do wrong. Nothing here asserts a speed.
"""
import json
import os
import subprocess

from harness import BOB, BUILD, HOST, PASSWORD, ClientTest, main

BENCH = os.path.join(BUILD, "bench", "load", "postern-bench")


class Bench(ClientTest):
    settings = ("allow_plaintext_auth=true",)

    def bench(self, workload, port, *more, status=0):
        """The JSON of a run."""
        done = self.gateway.run([BENCH, workload, "--host", HOST, "--port",
                                 str(self.gateway.port[port]), "--user", BOB, "--password",
                                 PASSWORD, "--json", *map(str, more)], status=status)
        return json.loads(done.stdout)

    def verified(self, *more, status=0):
        return self.bench("smtp", "smtp", "--sessions", 4, "--count", 40, "--verify",
                          "--verify-port", self.gateway.port["imap"], *more, status=status)

    def test_mail_is_sent_and_found_again(self):
        for more in ((), ("--bdat",), ("--no-pipelining", "--messages-per-session", 3),
                     ("--tls", "starttls", "--size", "mix")):
            with self.subTest(more=more):
                result = self.verified(*more)
                self.assertEqual({"expected": 40, "intact": 40, "lost": 0, "doubled": 0,
                                  "changed": 0, "unknown": 0, "forgotten": 0}, result["verified"])
                self.assertEqual(40, result["repetitions"][0]["operations"])

    def test_faults_are_found(self):
        for fault, name in (("lose", "lost"), ("repeat", "doubled"), ("change", "changed")):
            with self.subTest(fault=fault):
                result = self.verified("--fault", fault, status=1)
                found = result["verified"][name]
                self.assertLess(0, found)
                self.assertEqual(40 - found, result["verified"]["intact"])

    def test_submission(self):
        self.bench("submit", "submissions", "--tls", "tls", "--count", 10, "--sessions", 2,
                   "--verify", "--verify-port", self.gateway.port["imap"])

    def test_imap_and_pop3(self):
        self.bench("smtp", "smtp", "--count", 20)
        for profile in ("session", "store", "envelopes", "bodies", "search", "append", "desktop",
                        "phone"):
            with self.subTest(profile=profile):
                result = self.bench("imap", "imaps", "--tls", "tls", "--profile", profile,
                                    "--count", 30, "--sessions", 3)
                self.assertEqual(30, result["repetitions"][0]["operations"])
        for more in (("check",), ("drain", "--no-pipelining"), ("drain", "--delete")):
            result = self.bench("pop3", "pop3", "--count", 2, "--profile", *more)
            self.assertLessEqual(40, result["repetitions"][0]["items"])
        self.assertEqual([], self.gateway.inbox())

    def test_idle(self):
        result = self.bench("idle", "imap", "--push-port", self.gateway.port["smtp"], "--rate", 20,
                            "--count", 10, "--sessions", 5, "--server-pid", self.gateway.pid)
        self.assertEqual(50, result["repetitions"][0]["operations"])
        self.assertEqual(0, result["repetitions"][0]["failures"])
        self.assertLess(0, result["repetitions"][0]["server"]["pss_bytes"])

    def test_open_loop_and_repetitions(self):
        result = self.bench("smtp", "smtp", "--rate", 50, "--count", 10, "--repetitions", 3,
                            "--warm-up", 0.1, "--server-pid", self.gateway.pid)
        self.assertEqual(3, len(result["repetitions"]))
        self.assertIn("cpu_s_per_1000_operations", result["summary"])

    def test_mixed(self):
        self.bench("smtp", "smtp", "--count", 20)
        port = self.gateway.port
        words = [BENCH, "mixed", "--user", BOB, "--password", PASSWORD, "--json", "--sessions", 10,
                 "--count", 100, "--part", f"smtp:{port['smtp']}=6",
                 "--part", f"submit:{port['submission']}:starttls=2",
                 "--part", f"imap/noop:{port['imaps']}:tls=1",
                 "--part", f"pop3/check:{port['pop3']}=1"]
        result = json.loads(self.gateway.run(list(map(str, words))).stdout)["repetitions"][0]
        self.assertEqual({"smtp message": 60, "submit message": 20, "imap/noop noop": 10,
                          "pop3/check session": 10},
                         {kind: part["count"] for kind, part in result["by_kind"].items()})

    def test_find_limit(self):
        words = [BENCH, "find-limit", "--p99-ms", 100, "--first-rate", 100, "smtp",
                 "--duration", 0.2, "--sessions", 4, "--user", BOB, "--port",
                 self.gateway.port["smtp"], "--json"]
        result = json.loads(self.gateway.run(list(map(str, words))).stdout)
        self.assertLess(0, result["limit_per_s"])
        self.assertEqual(result["limit_per_s"],
                         max(step["rate_per_s"] for step in result["repetitions"] if step["held"]))

    def test_page_of_charts_and_what_the_server_used(self):
        page = self.gateway.path("page.html")
        result = self.bench("smtp", "smtp", "--duration", 1.3, "--html", page, "--server-pid",
                            self.gateway.pid, "--server-disk", self.gateway.directory,
                            "--count-system-calls")
        with open(page, encoding="utf-8") as file:
            self.assertEqual(3, file.read().count("<svg"))
        self.assertLessEqual(2, len(result["samples"]))
        server = result["repetitions"][0]["server"]
        self.assertIn("disk_flushes_per_operation", server)
        if "not_counted" not in result:
            self.assertLess(0, server["system_calls_per_operation"])

    def test_what_is_refused(self):
        for words in (("smtp", "--port", "25", "--host", "192.0.2.1"), ("smtp",),
                      ("imap", "--port", "143", "--profile", "unheard-of"), (),
                      ("mixed", "--part", "smtp:25:ssl"), ("mixed", "--part", "imap:143"),
                      ("find-limit", "smtp", "--port", "25"), ("find-limit", "--p99-ms", "5"),
                      ("find-limit", "--p99-ms", "0", "smtp", "--port", "25")):
            done = subprocess.run([BENCH, *words], capture_output=True, text=True, timeout=60)
            self.assertEqual(2, done.returncode, done)

    def test_self_test(self):
        done = subprocess.run([BENCH, "--self-test", "--duration", "0.2"], capture_output=True,
                              text=True, timeout=60)
        self.assertEqual(0, done.returncode, done)
        self.assertIn("pop3 drain", done.stdout)


if __name__ == "__main__":
    main()
