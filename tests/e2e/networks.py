"""Network namespaces of tests: two machines in one, between them a cable or a long way."""
import ctypes
import fcntl
import heapq
import os
import select
import shutil
import struct
import subprocess
import threading
import time

HERE, THERE = '10.231.77.1', '10.231.77.2'  # of the master and of the far worker
CLONE_NEWNET = 0x40000000


def networks_can_be_cut():
    return os.geteuid() == 0 and shutil.which('ip') and shutil.which('nft') and subprocess.run(
        ['ip', 'netns', 'add', f'boom-probe-{os.getpid()}'], capture_output=True,
        check=False).returncode == 0 and subprocess.run(
            ['ip', 'netns', 'del', f'boom-probe-{os.getpid()}'], check=False).returncode == 0


class Networks:
    """Two namespaces with a cable between them; the root's own network is not touched."""

    def __init__(self):
        self.near, self.far = f'boom-near-{os.getpid()}', f'boom-far-{os.getpid()}'
        for name in (self.near, self.far):
            self.run('ip', 'netns', 'add', name)
            self.run('ip', '-n', name, 'link', 'set', 'lo', 'up')
        self.run('ip', '-n', self.near, 'link', 'add', 'cable', 'type', 'veth', 'peer', 'name',
                 'cable', 'netns', self.far)
        for name, address in ((self.near, HERE), (self.far, THERE)):
            self.run('ip', '-n', name, 'address', 'add', f'{address}/24', 'dev', 'cable')
            self.run('ip', '-n', name, 'link', 'set', 'cable', 'up')
        self.nft('add table inet cut; '
                 'add chain inet cut in { type filter hook input priority 0; }; '
                 'add chain inet cut out { type filter hook output priority 0; }')

    @staticmethod
    def run(*command):
        subprocess.run(command, check=True, capture_output=True)

    def nft(self, commands):
        self.run('ip', 'netns', 'exec', self.far, 'nft', commands)

    def cut(self, port, *directions):
        """Drops packets between the far worker and that master's port; the load still flows."""
        rules = {'to master': f'add rule inet cut out tcp dport {port} drop',
                 'from master': f'add rule inet cut in tcp sport {port} drop'}
        for direction in directions:
            self.nft(rules[direction])

    def heal(self):
        """All cuts at once: scenes that cut do it at the same time."""
        self.nft('flush chain inet cut in; flush chain inet cut out')

    def enter(self):
        """This thread, and what it spawns."""
        enter(self.near)

    def close(self):
        for name in (self.near, self.far):
            subprocess.run(['ip', 'netns', 'del', name], check=False)


def enter(name):
    """This thread goes there, and what it spawns."""
    with open(f'/run/netns/{name}', 'rb') as file:
        if ctypes.CDLL(None, use_errno=True).setns(file.fileno(), CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), 'setns')


class LongWay:
    """A second way between both, on which every packet travels for `delay_s`: for kernels without
    netem."""
    HERE, THERE = '10.231.78.1', '10.231.78.2'

    def __init__(self, networks, delay_s):
        self.delay_s = delay_s
        self.ends = []
        for name, own, other in ((networks.near, self.HERE, self.THERE),
                                 (networks.far, self.THERE, self.HERE)):
            opener = threading.Thread(target=self.open_end, args=(name,))
            opener.start()
            opener.join()
            for change in (('address', 'add', own, 'peer', other, 'dev', 'way'),
                           ('link', 'set', 'way', 'up')):
                networks.run('ip', '-n', name, *change)
        self.is_over = False
        self.thread = threading.Thread(target=self.carry)
        self.thread.start()

    def open_end(self, name):
        enter(name)
        end = os.open('/dev/net/tun', os.O_RDWR | os.O_NONBLOCK)
        tun_without_header = 0x0001 | 0x1000
        fcntl.ioctl(end, 0x400454ca, struct.pack('16sH22x', b'way', tun_without_header))
        self.ends.append(end)

    def carry(self):
        travelling = []  # (due, number, to, packet)
        number = 0
        while not self.is_over:
            wait = min(travelling[0][0] - time.monotonic(), 0.1) if travelling else 0.1
            ready = select.select(self.ends, [], [], max(wait, 0))[0]
            for end in ready:
                other = self.ends[1 - self.ends.index(end)]
                packet = os.read(end, 65536)
                number += 1
                heapq.heappush(travelling,
                               (time.monotonic() + self.delay_s, number, other, packet))
            while travelling and travelling[0][0] <= time.monotonic():
                _, _, to, packet = heapq.heappop(travelling)
                os.write(to, packet)

    def close(self):
        self.is_over = True
        self.thread.join()
        for end in self.ends:
            os.close(end)
