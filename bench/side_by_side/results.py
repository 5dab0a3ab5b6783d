"""What was measured, as lines on the terminal and as a page, bench/RESULTS.md."""
import datetime
import os
import platform
import statistics
import subprocess

from harness import ROOT

NAME = os.path.join(ROOT, "bench/RESULTS.md")


def ratio(row):
    return statistics.median(row.samples["Dovecot"]) / statistics.median(row.samples["Postern"])


def figure(samples):
    """Median and ends, with as many digits as mean something."""
    def digits(value):
        return f"{value:.1f}" if value >= 10 else f"{value:.3f}"
    return (f"{digits(statistics.median(samples))} "
            f"({digits(min(samples))} to {digits(max(samples))})")


def say_row(row):
    print(f"{row.name}\n    Dovecot {figure(row.samples['Dovecot'])}, Postern "
          f"{figure(row.samples['Postern'])}: {ratio(row):.1f} × (bar {row.bar:g})", flush=True)


def machine():
    model = "unknown"
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        for line in file:
            if line.startswith("model name"):
                model = line.split(":")[1].strip()
                break
    return f"{os.cpu_count()} cores, {model}, {platform.machine()}"


def file_system(directory):
    done = subprocess.run(["stat", "-f", "-c", "%T", directory], capture_output=True, text=True)
    return done.stdout.strip()


def write(rows, peers, rounds, directory):
    dovecot, postern = peers
    today = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
    lines = [
        "# Side by side", "",
        f"Written by `bench/compare imap` on {today}. CPU time of the server in milliseconds for "
        f"one operation: median of {rounds}",
        "rounds (least to most), the servers in turns. Ratio: Dovecot's median divided by "
        "Postern's.", "",
        "| what | |", "|---|---|",
        f"| Postern | {postern.version()}, release build |",
        f"| Dovecot | {dovecot.version()} from Debian |",
        f"| kernel | Linux {os.uname().release} |",
        f"| machine | {machine()} |",
        f"| file system | {file_system(directory)} |",
        f"| load average meanwhile | {', '.join(f'{load:.1f}' for load in os.getloadavg())} |", "",
        "| work | Dovecot, ms | Postern, ms | ratio | bar | reached |",
        "|---|---|---|---|---|---|",
    ]
    for row in rows:
        reached = "yes" if ratio(row) >= row.bar else "**no**"
        lines.append(f"| {row.name} | {figure(row.samples['Dovecot'])} | "
                     f"{figure(row.samples['Postern'])} | {ratio(row):.1f} | {row.bar:g} | "
                     f"{reached} |")
    lines += [
        "", "How: [side_by_side](side_by_side/). «No cache»: Dovecot's index and cache "
        "files of the mailbox are deleted before each",
        "round, Postern is restarted; the session logs in and selects before the clock runs. "
        "Mailboxes hold 10,000, 1,000 and (16 of",
        "them) 100 messages of 4 KB.", "", "Dovecot's settings:", "", "```",
        *[line for line in dovecot.configuration.strip().split("\n")], "```", "",
    ]
    with open(NAME, "w", encoding="utf-8") as file:
        file.write("\n".join(lines).replace(directory, "/var/tmp/compare"))
    print(f"written: {NAME}")
