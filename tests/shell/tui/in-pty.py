"""Runs a command in a pseudo-terminal of 100 x 30, does things to it when it has drawn, and says what became of both, as JSON.

    in-pty.py ACTS COMMAND...

ACTS is a JSON list of [text, act]: once the text has been written since the last act (a number: once so many seconds have passed), the act is done: keys, or a signal.
"""
import fcntl
import json
import os
import pty
import select
import signal
import struct
import sys
import termios
import time

acts, command = json.loads(sys.argv[1]), sys.argv[2:]
child, terminal = pty.fork()
if child == 0:
    signal.alarm(50)
    os.execvp(command[0], command)
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
before = termios.tcgetattr(terminal)
written = b""
since, began = 0, time.monotonic()
during = None
while True:
    try:
        piece = os.read(terminal, 65536) if select.select([terminal], [], [], 0.05)[0] else None
    except OSError:
        break
    if piece == b"":
        break
    written += piece or b""
    if not acts:
        continue
    awaited, act = acts[0]
    if time.monotonic() - began < awaited if isinstance(awaited, (int, float)) else awaited.encode() not in written[since:]:
        continue
    acts.pop(0)
    since, began = len(written), time.monotonic()
    during = during or termios.tcgetattr(terminal)
    if act.startswith("SIG"):
        os.kill(child, getattr(signal, act))
    else:
        os.write(terminal, act.encode())
after = termios.tcgetattr(terminal)
_, status = os.waitpid(child, 0)
json.dump(
    {
        "written": written.decode("utf8", "replace"),
        "wasRaw": during is not None and not during[3] & termios.ICANON,
        "left": acts,
        "isRestored": before == after,
        "signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else None,
        "code": os.WEXITSTATUS(status) if os.WIFEXITED(status) else None,
    },
    sys.stdout,
)
