import pytest

from tl_core.export import addresses
from tl_core.export.addresses import Address, best

WIFI, CABLE = ("wlan0", "192.168.1.5"), ("eth0", "10.0.0.5")


@pytest.mark.parametrize(
    ("every", "expected"),
    [
        ([("lo", "127.0.0.1"), ("lo", "::1")], []),
        ([("wlan0", "169.254.3.4"), ("wlan0", "fe80::1")], []),
        ([("docker0", "172.17.0.1"), ("utun3", "10.8.0.2"), WIFI], ["192.168.1.5", "172.17.0.1", "10.8.0.2"]),
        ([("vEthernet (WSL)", "172.20.0.1"), ("Wi-Fi", "10.0.0.5")], ["10.0.0.5", "172.20.0.1"]),
        ([("tailscale0", "100.64.0.7"), ("ppp0", "100.64.0.8"), WIFI], ["192.168.1.5", "100.64.0.8", "100.64.0.7"]),
        ([("eth0", "8.8.4.4"), WIFI], ["192.168.1.5", "8.8.4.4"]),
        ([("eth0", "2001:4860::5"), ("eth0", "fd00::5")], ["fd00::5"]),
        ([("eth0", "2001:4860::5"), ("eth0", "fe80::5")], ["2001:4860::5"]),
        ([("eth0", "fd00::5"), WIFI], ["192.168.1.5", "fd00::5"]),
    ],
)
def test_the_network_of_phones_comes_first_and_each_network_once(every: list[tuple[str, str]], expected: list[str]):
    assert [each.ip for each in best(Address(ip=ip, interface=name) for name, ip in every)] == expected


@pytest.mark.parametrize("outward", [WIFI, CABLE])
def test_of_two_networks_the_one_that_leads_elsewhere_comes_first(outward: tuple[str, str]):
    every = [Address(ip=ip, interface=name) for name, ip in (WIFI, CABLE)]

    assert best(every, {outward[1]})[0].ip == outward[1]


def test_an_address_says_whether_others_than_this_network_may_reach_it():
    assert Address(ip="8.8.4.4", interface="eth0").is_public
    assert not Address(ip="192.168.1.5", interface="wlan0").is_public


def test_this_machine_knows_its_addresses():
    assert addresses.is_here("127.0.0.1")
    assert not addresses.is_here("203.0.113.9")
    assert "127.0.0.1" not in [each.ip for each in addresses.reachable()]
