"""The addresses of this machine, and which of them a phone in the same network can reach."""

import ipaddress
import re
import socket
from collections.abc import Iterable
from dataclasses import dataclass

import psutil

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

#: Interfaces of containers, virtual machines and tunnels, by how systems name them: no phone is there, as a rule.
_VIRTUAL = re.compile(
    r"(docker|br-|bridge|veth|virbr|vmnet|vboxnet|vnic|lxc|lxd|podman|cni|cali|flannel|utun|tun|tap|wg|ppp|ipsec|zt"
    r"|tailscale|nordlynx|proton|awdl|llw|anpi|gif|stf)"
    r"|.*(vEthernet|VirtualBox|VMware|Hyper-V|WSL|VPN|Tailscale|ZeroTier|WireGuard|Bluetooth)",
    re.IGNORECASE,
)
#: To these nothing is sent: the system only says by which address it would (https://www.rfc-editor.org/rfc/rfc5737).
_ELSEWHERE = ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1"))


@dataclass(frozen=True, kw_only=True)
class Address:
    """An address of this machine.

    Attributes:
        ip: IPv4 or IPv6, as text.
        interface: what the system calls the network card.
    """

    ip: str
    interface: str

    @property
    def is_public(self) -> bool:
        """Whether machines outside the network may reach it, too, if no firewall stands between."""
        return ipaddress.ip_address(self.ip).is_global

    def host(self, port: int) -> str:
        """Return the address and a port, as a browser writes them.

        >>> Address(ip="192.168.1.5", interface="wlan0").host(80), Address(ip="fd00::5", interface="wlan0").host(80)
        ('192.168.1.5:80', '[fd00::5]:80')
        """
        return f"[{self.ip}]:{port}" if ":" in self.ip else f"{self.ip}:{port}"


def reachable() -> list[Address]:
    """Return one address for each network that this machine is in, the likeliest to be that of a phone first."""
    states = psutil.net_if_stats()
    every = [each for each in _every() if each.interface in states and states[each.interface].isup]
    return best(every, set(_outward()))


def best(every: Iterable[Address], outward: Iterable[str] = ()) -> list[Address]:
    """Return the best address of each interface, the best interface first.

    Args:
        every: the addresses of the machine; those that reach only the machine itself, or a cable, are left out.
        outward: addresses by which the machine reaches other networks.

    >>> every = [("docker0", "172.17.0.1"), ("wlan0", "fd00::5"), ("wlan0", "192.168.1.5"), ("lo", "127.0.0.1")]
    >>> [each.ip for each in best(Address(ip=ip, interface=name) for name, ip in every)]
    ['192.168.1.5', '172.17.0.1']
    """
    usable = (each for each in every if _is_usable(ipaddress.ip_address(each.ip)))
    ranked = sorted(usable, key=lambda each: _rank(each, outward))
    return list({each.interface: each for each in reversed(ranked)}.values())[::-1]


def _is_usable(ip: IPAddress) -> bool:
    return not (ip.is_loopback or ip.is_link_local or ip.is_multicast or ip.is_unspecified)


def _rank(address: Address, outward: Iterable[str]) -> tuple[bool, bool, bool, bool, str]:
    ip = ipaddress.ip_address(address.ip)
    return (
        bool(_VIRTUAL.match(address.interface)) or not (ip.is_private or ip.is_global),
        not ip.is_private,
        ip.version == 6,
        address.ip not in outward,
        address.interface,
    )


def is_here(ip: str) -> bool:
    """Return whether this machine still has an address: another network gives it another one."""
    return any(each.ip == ip for each in _every())


def _every() -> list[Address]:
    families = (socket.AF_INET, socket.AF_INET6)
    return [
        Address(ip=ipaddress.ip_address(each.address.split("%")[0]).compressed, interface=name)
        for name, of_it in psutil.net_if_addrs().items()
        for each in of_it
        if each.family in families
    ]


def _outward() -> Iterable[str]:
    for family, elsewhere in _ELSEWHERE:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            try:
                probe.connect((elsewhere, 9))
            except OSError:  # no way there
                continue
            yield ipaddress.ip_address(probe.getsockname()[0]).compressed
