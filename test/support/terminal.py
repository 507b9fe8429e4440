"""Runs a program on a pseudo-terminal: terminal.py COLUMNS PROGRAM ARGUMENT...

What comes on stdin is typed, what the program shows goes to stdout, its exit code becomes ours. The last line on stderr says whether the
program left the settings of the terminal as it found them.
"""
import fcntl, os, pty, select, struct, sys, termios

columns, command = int(sys.argv[1]), sys.argv[2:]
master, slave = pty.openpty()
fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack('HHHH', 24, columns, 0, 0))
before = termios.tcgetattr(slave)
pid = os.fork()
if pid == 0:
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    for fd in (0, 1, 2):
        os.dup2(slave, fd)
    os.execvp(command[0], command)
typing = True
status = None
while True:
    sources = [master] + ([0] if typing else [])
    ready, _, _ = select.select(sources, [], [], 0.05)
    if master in ready:
        os.write(1, os.read(master, 65536))
    if 0 in ready:
        typed = os.read(0, 4096)
        if typed == b'':
            typing = False
        else:
            os.write(master, typed)
    if status is not None and master not in ready:
        break
    if status is None:
        done, result = os.waitpid(pid, os.WNOHANG)
        if done == pid:
            status = result
restored = termios.tcgetattr(slave) == before
sys.stderr.write('terminal restored\n' if restored else 'terminal changed\n')
sys.exit(os.waitstatus_to_exitcode(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status))
