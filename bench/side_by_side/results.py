"""What was measured, as lines on the terminal and as a page, bench/RESULTS.md: a section a
comparison, each written by itself when that comparison has been run whole.
"""
import datetime
import os
import platform
import statistics
import subprocess

from harness import ROOT

NAME = os.path.join(ROOT, "bench/RESULTS.md")
HEAD = "# Side by side\n\nWritten by `bench/compare`, each section by a run of its own.\n"
CPU, RATE = "server CPU, ms a message", "messages a second"


def digits(value):
    """As many as mean something."""
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.3f}"


def figure(samples):
    """Median and ends."""
    return (f"{digits(statistics.median(samples))} "
            f"({digits(min(samples))} to {digits(max(samples))})")


def ratio(samples, peer, is_rate=False):
    """Of the medians: how many times less than the peer Postern uses, or more it does."""
    theirs, ours = (statistics.median(samples[name]) for name in (peer, "Postern"))
    return ours / theirs if is_rate else theirs / ours


def reached(value, bar):
    return "" if not bar else "yes" if value >= bar else "**no**"


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


def conditions(peers, directory):
    rows = [f"| {peer.name} | {peer.version()}{', release build' * (peer.name == 'Postern')} |"
            for peer in peers]
    return ["| what | |", "|---|---|", *rows,
            f"| kernel | Linux {os.uname().release} |",
            f"| machine | {machine()} |",
            f"| file system | {file_system(directory)} |",
            "| load average at the end | "
            f"{', '.join(f'{load:.1f}' for load in os.getloadavg())} |", ""]


def settings_of(peer, text):
    return ["", f"{peer.name}'s settings:", "", "```",
            *(line.rstrip() for line in text.strip().split("\n")), "```"]


def now():
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC")


def write_section(title, lines, directory):
    """In the place of the section of that title, or at the end."""
    sections = {}
    with open(NAME, encoding="utf-8") as file:
        for part in file.read().split("\n## ")[1:]:
            sections[part.split("\n")[0]] = part
    text = "\n".join([title, "", *lines]).replace(directory, "/var/tmp/compare")
    sections[title] = text.rstrip() + "\n"
    with open(NAME, "w", encoding="utf-8") as file:
        file.write(HEAD + "".join(f"\n## {part.rstrip()}\n" for part in sections.values()))
    print(f"written: {NAME}")


# --- IMAP and POP3 beside Dovecot -----------------------------------------------------------------

def say_row(row):
    print(f"{row.name}\n    Dovecot {figure(row.samples['Dovecot'])}, Postern "
          f"{figure(row.samples['Postern'])}: {ratio(row.samples, 'Dovecot'):.1f} × "
          f"(bar {row.bar:g})", flush=True)


def write_mailbox_rows(what, rows, peers, rounds, directory):
    lines = [
        f"By `bench/compare {what}` on {now()}. CPU time of the server in milliseconds for one "
        f"operation: median of {rounds}",
        "rounds (least to most), the servers in turns. Ratio: Dovecot's median divided by "
        "Postern's.", "", *conditions(peers, directory),
        "| work | Dovecot, ms | Postern, ms | ratio | bar | reached |",
        "|---|---|---|---|---|---|",
    ]
    for row in rows:
        value = ratio(row.samples, "Dovecot")
        lines.append(f"| {row.name} | {figure(row.samples['Dovecot'])} | "
                     f"{figure(row.samples['Postern'])} | {value:.1f} | {row.bar:g} | "
                     f"{reached(value, row.bar)} |")
    lines += [
        "", "How: [side_by_side](side_by_side/). «No cache»: Dovecot's index and cache "
        "files of the mailbox are deleted before each",
        "round, Postern is restarted; the session logs in and selects before the clock runs. "
        "Mailboxes hold 10,000, 1,000 and (16 of",
        "them) 100 messages of 4 KB. A drain retrieves and deletes all of four mailboxes that the "
        "round has for itself; what the",
        "server does in the 3 s after it, or after an APPEND, counts too.",
        *settings_of(peers[0], peers[0].configuration),
    ]
    write_section(f"{what.upper()} beside Dovecot", lines, directory)


# --- SMTP beside Postfix, Exim and OpenSMTPD ------------------------------------------------------

def names_of(row):
    return list(row.samples[CPU])


def say_smtp_row(row):
    print(row.name)
    for name in names_of(row):
        calls = f", {row.calls[name]:.0f} system calls" if name in row.calls else ""
        flushes = f", {row.flushes[name]:.2f} flushes" if name in row.flushes else ""
        samples = row.samples[row.measure]
        times = ""
        if name != "Postern":
            times = f": {ratio(samples, name, row.measure == RATE):.1f} ×"
        print(f"    {name:10} {figure(row.samples[CPU][name])} ms of CPU, "
              f"{digits(statistics.median(row.samples[RATE][name]))}/s{calls}{flushes}{times}",
              flush=True)


def smtp_table(rows, names, cell):
    lines = [f"| work | {' | '.join(names)} |", "|---" * (len(names) + 1) + "|"]
    return lines + [f"| {row.name} | {' | '.join(cell(row, name) for name in names)} |"
                    for row in rows]


def write_smtp(rows, peers, rounds, directory, flush_ms):
    """`flush_ms`: of a slow disk."""
    is_slow = flush_ms is not None
    names = [peer.name for peer in peers]
    measure = rows[0].measure
    how = "beside others, on a disk with a slow flush" if is_slow else "beside others"
    lines = [
        f"By `bench/compare {'slow-disk' if is_slow else 'smtp'}` on {now()}; a message counts "
        "when it has arrived.",
        f"The servers in turns, {rounds} rounds: medians, least to most. Ratio: the other's CPU "
        "time divided by Postern's"
        + (f", or Postern's messages a second by the other's. One flush: {flush_ms:.0f} ms."
           if is_slow else "."), "",
        *conditions(peers, directory), f"{measure.capitalize()}:", "",
        *smtp_table(rows, names, lambda row, name: figure(row.samples[measure][name])), "",
        "Ratio to Postern, and the bar for Postfix's:", ""]
    others = names[:-1]
    lines += [f"| work | {' | '.join(others)} | bar | reached |", "|---" * (len(others) + 3) + "|"]
    for row in rows:
        values = {name: ratio(row.samples[measure], name, is_slow) for name in others}
        bar = row.bar if "Postfix" in values else 0
        lines.append(f"| {row.name} | {' | '.join(f'{values[name]:.1f}' for name in others)} | "
                     f"{f'{bar:g}' if bar else ''} | {reached(values.get('Postfix', 0), bar)} |")
    other = CPU if is_slow else RATE
    lines += ["", f"{other.capitalize()}:", "", *smtp_table(
        rows, names, lambda row, name: digits(statistics.median(row.samples[other][name])))]
    for title, member in (("System calls", "calls"), ("Flushes of the disk", "flushes")):
        if all(getattr(row, member) for row in rows):
            lines += ["", f"{title} a message:", "", *smtp_table(
                rows, names, lambda row, name, m=member: f"{getattr(row, m)[name]:.2f}")]
    for peer in peers[:-1]:
        lines += settings_of(peer, peer.settings)
    write_section(f"SMTP {how}", lines, directory)
