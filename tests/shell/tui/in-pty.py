"""Runs a command in a pseudo-terminal of 100 x 30, does something to it when it has drawn, and says what became of both, as JSON.

    in-pty.py KEY-OR-SIGNAL COMMAND...
"""
import fcntl
import json
import os
import pty
import signal
import struct
import sys
import termios

act, command = sys.argv[1], sys.argv[2:]
child, terminal = pty.fork()
if child == 0:
    signal.alarm(30)
    os.execvp(command[0], command)
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
before = termios.tcgetattr(terminal)
written = b""
acted = False
while True:
    try:
        piece = os.read(terminal, 65536)
    except OSError:
        break
    if not piece:
        break
    written += piece
    if not acted and b"drawn" in written:
        acted = True
        during = termios.tcgetattr(terminal)
        if act.startswith("SIG"):
            os.kill(child, getattr(signal, act))
        else:
            os.write(terminal, act.encode())
after = termios.tcgetattr(terminal)
_, status = os.waitpid(child, 0)
json.dump(
    {
        "written": written.decode("utf8", "replace"),
        "wasRaw": acted and not during[3] & termios.ICANON,
        "isRestored": before == after,
        "signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else None,
        "code": os.WEXITSTATUS(status) if os.WIFEXITED(status) else None,
    },
    sys.stdout,
)
