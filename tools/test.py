#!/usr/bin/env python3
"""Sets up what is missing, builds, and runs everything.

  tools/test            unit, transcripts, clients, simulator, fuzz smoke, tidy, clang-tidy, and the
                        sanitizer build: about 25 minutes at most from a clean clone on two cores
  tools/test --quick    without the sanitizer build, clang-tidy, slow clients, the load generator,
                        and with few seeds: 5 minutes on two cores with nothing cached, 2 when
                        the compiler's cache is full
  tools/test --long     with 35,000 seeds of the simulator more: half an hour more
  tools/test --image    the appliance alone: makes its image, runs the unit tests as compiled for
                        it, and boots it in an emulated machine, all cases: an hour, root or sudo,
                        and about 2 GB the first time
  tools/test --boot     that with one power cut of each kind, without the unit tests and what is
                        rare: a quarter of an hour; nothing where no image can be made, which it
                        says

Builds go to build/ (gcc), build-asan/ (clang 19 with ASan and UBSan, not optimised) and, the quick
one's, to build-quick/ (clang 19, not optimised). Ends with one line, `N passed, N failed`, and
status 1 when anything failed. GoogleTest cases count one each. What a failed test printed is in
<build>/meson-logs/testlog.txt and is shown by meson as it happens.
"""
import argparse
import json
import os
import stat
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SLOW_SUITES = ["clang-tidy", "sim-more", "sim-full", "unit-large", "fuzz-more", "clients-long",
               "clients-slow", "clients-bench", "bench"]
BENCH_TARGETS = ["bench/load/postern-bench", "tests/bench/bench_test"]  # not built by default
QUICK_JOBS = 2 * (os.cpu_count() or 1)  # client tests wait more than they work
JOBS = 1 + (os.cpu_count() or 1)
# Only with --image; the first alone with --boot.
BOOT_SUITE = "image"
IMAGE_SUITES = [BOOT_SUITE, "image-long"]
BOOT_ENVIRONMENT = {"POSTERN_BRIEF": "1", "POSTERN_CPUS": str(min(2, os.cpu_count() or 1))}
LONG_SUITE = "sim-long"  # only with --long
SANITIZED_SUITES = ["unit", "transcripts", "fuzz", "sim", "bench"]
SANITIZER_ENVIRONMENT = {
    "ASAN_OPTIONS": "detect_stack_use_after_return=1:strict_string_checks=1:abort_on_error=0",
    "UBSAN_OPTIONS": "print_stacktrace=1"}


def say(words):
    print(f"test: {words}", flush=True)


def run(command, environment=None):
    return subprocess.run(command, cwd=ROOT, env={**os.environ, **(environment or {})}).returncode


def build(directory, arguments):
    began = time.monotonic()
    if run(["tools/build", *arguments]) != 0:
        say(f"{directory} does not build")
        return False
    say(f"{directory} built in {time.monotonic() - began:.0f} s")
    return True


def default_targets(directory):
    """What is built by default; meson adds whatever a test runs, also a test that is left out."""
    listing = subprocess.run(["meson", "introspect", directory, "--targets"], cwd=ROOT, check=True,
                             capture_output=True, text=True).stdout
    return [os.path.relpath(name, os.path.join(ROOT, directory))
            for target in json.loads(listing) if target["build_by_default"]
            for name in target["filename"]]


def results(directory):
    """(passed, failed) of the last run in a build directory, GoogleTest cases counted singly."""
    logs = os.path.join(ROOT, directory, "meson-logs")
    cases = gtest_cases(os.path.join(logs, "testlog.junit.xml"))
    passed = failed = 0
    with open(os.path.join(logs, "testlog.json"), encoding="utf-8") as file:
        for line in file:
            test = json.loads(line)
            good, bad = cases.get(test["name"].split(" / ")[-1], (0, 0))
            if test["result"] in ("SKIP", "IGNORED"):
                continue
            if test["result"] in ("OK", "EXPECTEDFAIL"):
                passed += max(good, 1)
            else:
                passed += good
                failed += max(bad, 1)
    return passed, failed


def gtest_cases(path):
    """Name of the test -> (passed, failed) cases; only for tests of the gtest protocol."""
    cases = {}
    if not os.path.exists(path):
        return cases
    for suite in ElementTree.parse(path).getroot().iter("testsuite"):
        # meson names them "project.project:suite / test.Suite"; an ordinary test has no ".Suite".
        parts = suite.get("name", "").split(".")
        if len(parts) < 3:
            continue
        name = parts[1].split(" / ")[-1]
        tests = list(suite.iter("testcase"))
        bad = sum(1 for t in tests if t.find("failure") is not None or t.find("error") is not None)
        good = sum(1 for t in tests if t.find("skipped") is None) - bad
        before = cases.get(name, (0, 0))
        cases[name] = (before[0] + good, before[1] + bad)
    return cases


def meson_test(directory, arguments, environment):
    for name in ("testlog.json", "testlog.junit.xml"):
        path = os.path.join(ROOT, directory, "meson-logs", name)
        if os.path.exists(path):
            os.unlink(path)
    began = time.monotonic()
    status = run(["meson", "test", "-C", directory, "--no-rebuild", "--print-errorlogs",
                  *arguments], environment)
    try:
        passed, failed = results(directory)
    except (OSError, ValueError, ElementTree.ParseError) as error:
        say(f"the results in {directory} cannot be read: {error}")
        passed, failed = 0, 1
    if status != 0 and failed == 0:
        failed = 1
    say(f"{directory}: {passed} passed, {failed} failed in {time.monotonic() - began:.0f} s")
    return passed, failed


def without(suites):
    return [word for suite in suites for word in ("--no-suite", suite)]


def run_quick():
    """Yields (passed, failed)."""
    if run(["tools/setup", "--test"]) != 0:
        say("tools/setup failed")
        yield 0, 1
        return
    directory = "build-quick"
    if (build(directory, ["--quick", "build.ninja"])
            and build(directory, ["--quick", *default_targets(directory)])):
        yield meson_test(directory, [*without([*IMAGE_SUITES, LONG_SUITE, *SLOW_SUITES]),
                                     "--num-processes", str(QUICK_JOBS)],
                         {"POSTERN_BUILD": os.path.join(ROOT, directory)})
    else:
        yield 0, 1


def run_everything(left_out=(*IMAGE_SUITES, LONG_SUITE)):
    """Yields (passed, failed) of each stage."""
    if run(["tools/setup", "--test", "--slow"]) != 0:
        say("tools/setup failed")
        yield 0, 1
        return
    targets = ["all", *BENCH_TARGETS]
    if build("build", targets):
        yield meson_test("build", [*without(left_out), "--num-processes", str(JOBS)], {})
    else:
        yield 0, 1
    if build("build-asan", ["--sanitize", *targets]):
        suites = [word for suite in SANITIZED_SUITES for word in ("--suite", suite)]
        yield meson_test("build-asan", suites + ["--timeout-multiplier", "6"],
                         SANITIZER_ENVIRONMENT)
    else:
        yield 0, 1


def run_long():
    return run_everything(IMAGE_SUITES)


def run_image(suites=IMAGE_SUITES, environment=None, building=("--check",)):
    """Yields (passed, failed) of the appliance's stages; `building`: more for image/build."""
    for command in (["tools/setup"], ["tools/setup", "--image"],
                    ["image/build", "amd64", *building]):
        if run(command) != 0:
            say(f"{' '.join(command)} failed")
            yield 0, 1
            return
    # The programs under test are in the image; of the build directory only its tests are needed.
    if build("build", ["build.ninja"]):
        arguments = [word for suite in suites for word in ("--suite", suite)]
        yield meson_test("build", arguments, environment or {})
    else:
        yield 0, 1


def has_device_nodes():
    """An image is made in a build root, which has some of its own (image/build)."""
    with tempfile.TemporaryDirectory(dir=os.path.expanduser("~")) as directory:
        node = os.path.join(directory, "null")
        try:
            os.mknod(node, 0o600 | stat.S_IFCHR, os.makedev(1, 3))
            with open(node, "wb"):
                return True
        except OSError:
            return False


def run_boot():
    if os.geteuid() == 0 and not has_device_nodes():
        say("the appliance was not tried: no image can be made where device nodes are not allowed")
        return iter(())
    return run_image([BOOT_SUITE], BOOT_ENVIRONMENT, ())


def main():
    parser = argparse.ArgumentParser(description="sets up, builds and runs every test")
    parser.add_argument("--quick", action="store_true", help="the part that is quick")
    parser.add_argument("--long", action="store_true", help="with more seeds")
    parser.add_argument("--image", action="store_true", help="the appliance alone")
    parser.add_argument("--boot", action="store_true", help="a quarter of that")
    arguments = parser.parse_args()
    passed = failed = 0
    run_stages = (run_image if arguments.image else run_boot if arguments.boot
                  else run_quick if arguments.quick else run_long if arguments.long
                  else run_everything)
    for good, bad in run_stages():
        passed, failed = passed + good, failed + bad
    print(f"{passed} passed, {failed} failed", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
