# SPDX-License-Identifier: GPL-2.0-only
"""others.py NSLENS DIR: files of others beside a recording, and a failure while the ring is being
saved. Live, as root. Prints `ok NAME` or `FAIL NAME: why`."""
import ctypes
import os
import signal
import subprocess
import sys
import time

nslens, folder = sys.argv[1:3]
failed = 0


def verdict(name, why):
    global failed
    failed += bool(why)
    print(f"FAIL {name}: {why}" if why else f"ok {name}")


def said():
    with open("other.log", encoding="utf-8", errors="replace") as log:
        return log.read()


def until(text, times, seconds):
    end = time.monotonic() + seconds
    while said().count(text) < times and time.monotonic() < end:
        time.sleep(0.005)
    return said().count(text) >= times


def ring_saved_on_a_failure(file):
    with open("other.log", "w", encoding="utf-8") as log:
        return subprocess.Popen([nslens, "record", "--ring", "16M", "--save-on", "EBADF", "-o", file], stderr=log)


def a_failure_while_saving():
    """The second one is not in the copy that is being made: a copy of its own has it."""
    libc = ctypes.CDLL(None, use_errno=True)
    recorder = ring_saved_on_a_failure("other.nslens")
    verdict("trigger-recording", "" if until("recording to", 1, 60) else said())
    recorder.send_signal(signal.SIGUSR1)
    until("saving the ring", 1, 30)
    libc.setns(-1, 0)
    again = until("EBADF of", 1, 60)
    verdict("trigger-while-saving", "" if again else said())
    recorder.send_signal(signal.SIGINT)
    verdict("trigger-status", "" if recorder.wait(60) == 0 else said())


def refused(name, words, *command):
    done = subprocess.run([nslens, *command], capture_output=True, text=True, timeout=60)
    verdict(name, "" if done.returncode and all(w in done.stderr for w in words) else
            f"status {done.returncode}: {done.stderr[-300:]}")


def somebodys_file():
    """Saving would give FILE.1 away."""
    with open("notes.nslens.1", "w", encoding="utf-8") as notes:
        notes.write("notes\n")
    refused("ring-of-others", ["notes.nslens.1", "is no recording"], "record", "--ring", "16M", "--keep", "3", "-o",
            "notes.nslens")
    with open("notes.nslens.1", encoding="utf-8") as notes:
        verdict("ring-of-others-left", "" if notes.read() == "notes\n" else "it was changed")


def somebodys_log():
    """Root must not read what somebody else laid beside root's recording."""
    with open("other.nslens-wal", "w", encoding="utf-8"):
        pass
    os.chown("other.nslens-wal", 65534, 65534)
    refused("wal-of-others", ["other.nslens-wal", "belongs to user 65534"], "report", "other.nslens")
    os.unlink("other.nslens-wal")


def an_empty_file():
    """Its owner would read, and could change, what root records."""
    with open("bait.nslens", "w", encoding="utf-8"):
        pass
    os.chown("bait.nslens", 65534, 65534)
    refused("file-of-others", ["bait.nslens", "belongs to user 65534"], "record", "-o", "bait.nslens", "--", "true")
    verdict("file-of-others-left", "" if os.path.getsize("bait.nslens") == 0 else "it was written")


def what_there_is():
    """Nothing is given away for a command that cannot run, nor for what is read itself."""
    with open("other.nslens", "rb") as file:
        before = file.read()
    refused("force-no-user", ["no such user"], "record", "--force", "-o", "other.nslens", "-u", "nobody-at-all", "--", "true")
    refused("trace-onto-itself", ["is the recording itself"], "trace", "-i", "other.nslens", "-o", "other.nslens")
    refused("graph-onto-itself", ["is the recording itself"], "graph", "-i", "other.nslens", "-o", "./other.nslens")
    with open("other.nslens", "rb") as file:
        verdict("recording-left", "" if file.read() == before else "it was changed")


def asked_at_the_end():
    """A failure within the pause after a save, and then the end: it is in the saved ring."""
    libc = ctypes.CDLL(None, use_errno=True)
    recorder = ring_saved_on_a_failure("late.nslens")
    verdict("late-recording", "" if until("recording to", 1, 60) else said())
    libc.setns(-1, 0)
    verdict("late-first", "" if until("saved late", 1, 30) else said())
    libc.setns(-1, 0)
    time.sleep(1)
    recorder.send_signal(signal.SIGINT)
    verdict("late-status", "" if recorder.wait(60) == 0 else said())
    told = subprocess.run([nslens, "trace", "-i", "late.nslens", "--json", "--pid", str(os.getpid())],
                          capture_output=True, text=True, timeout=60, check=False).stdout
    verdict("late-second-saved", "" if said().count("saved late") == 2 and told.count('"EBADF"') >= 2 else
            f"{told.count('EBADF')} failures in the copy: {said()}")


os.chdir(folder)
a_failure_while_saving()
somebodys_file()
somebodys_log()
an_empty_file()
what_there_is()
asked_at_the_end()
sys.exit(failed != 0)
