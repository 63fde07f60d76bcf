# Three networks on a machine of the test's own: `outside`, where clouds' metadata servers and a host of the internet are
# played, `pod`, and behind TAP devices of the pod `guest0` and `guest1`. What a guest's monitor would do, socat does: it
# opens the TAP device as its owner and carries frames to and fro. (It insists on setting the device's flags, so it holds
# NET_ADMIN; a monitor does not.)
set -eu

build() {
  mkdir -p /run/relay /run/worker
  mknod /run/tun c 10 200
  chmod 666 /run/tun
  mount --bind /run/tun /dev/net/tun
  for name in pod outside guest0 guest1; do
    ip netns add "$name"
    ip -n "$name" link set lo up
  done
  ip link add eth0 netns pod type veth peer name eth0 netns outside
  wire pod 10.9.0.2/24 fd09::2/64
  wire outside 10.9.0.1/24 fd09::1/64
  ip -n outside address add fe80::a9fe:a9fe/64 dev eth0 nodad
  for one in $SERVED; do ip -n outside address add "$one" dev lo nodad; done
  ip -n pod route add default via 10.9.0.1
  ip -n pod route add default via fd09::1
  # A neighbour of the pod on its link could try to reach guests through it.
  ip -n outside route add 198.18.0.0/20 via 10.9.0.2
  ip -n outside route add fdcb:6b76:6d::/112 via fd09::2
  pod sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward; echo 1 >/proc/sys/net/ipv6/conf/all/forwarding'
  for port in 53 80 32526; do serve outside "$port"; done
  collect outside
  for port in 8080 9090; do serve pod "$port"; done
  collect pod
}

wire() {
  ip -n "$1" link set eth0 up
  ip -n "$1" address add "$2" dev eth0
  ip -n "$1" address add "$3" dev eth0 nodad
}

pod() { nsenter --net=/run/netns/pod "$@"; }

# stay NETWORK COMMAND...: in the background, also after this shell.
stay() {
  network=$1
  shift
  (nsenter --net="/run/netns/$network" "$@" >/dev/null 2>&1 </dev/null &)
}

# serve NETWORK PORT: tells whoever connects as whom.
serve() {
  for family in TCP4-LISTEN TCP6-LISTEN; do
    only=$([ "$family" = TCP4-LISTEN ] || echo ,ipv6only=1)
    stay "$1" socat "$family:$2,fork,reuseaddr$only" 'SYSTEM:echo $SOCAT_PEERADDR'
  done
}

# collect NETWORK: keeps each datagram to port 5000.
collect() {
  : >"/run/log.$1"
  stay "$1" socat -u UDP4-RECV:5000 "OPEN:/run/log.$1,append"
  stay "$1" socat -u UDP6-RECV:5000,ipv6only=1 "OPEN:/run/log.$1,append"
}

# attach GUEST TAP: what the table says of its TAP device is all that a guest knows.
attach() {
  tap="tun-type=tap,iff-no-pi"
  read -r name owner gateway4 guest4 gateway6 guest6 mac <<END
$(grep "^$2 " /run/worker/taps)
END
  stay "$1" socat "TUN,$tap,tun-name=eth0" "UNIX-SENDTO:/run/relay/$2,bind=/run/relay/$1"
  until [ -S "/run/relay/$1" ]; do sleep 0.05; done
  chmod 777 /run/relay "/run/relay/$1"
  stay pod setpriv --reuid "$owner" --regid "$owner" --clear-groups --inh-caps=+net_admin --ambient-caps=+net_admin \
    socat "TUN,$tap,tun-name=$name" "UNIX-SENDTO:/run/relay/$1,bind=/run/relay/$name"
  until [ -S "/run/relay/$2" ]; do sleep 0.05; done
  ip -n "$1" link set eth0 address "$mac"
  ip -n "$1" link set eth0 up
  ip -n "$1" address add "$guest4/30" dev eth0
  ip -n "$1" address add "$guest6/126" dev eth0 nodad
  ip -n "$1" route add default via "${gateway4%/*}"
  ip -n "$1" route add default via "${gateway6%/*}"
  for one in pod "$1"; do
    while ip -n "$one" -6 address show tentative | grep -q .; do sleep 0.05; done
  done
  for one in 198.18.0.99 fdcb:6b76:6d::99; do ip -n "$1" address add "$one" dev lo nodad; done
  serve "$1" 80
  collect "$1"
}

# tcp LABEL NETWORK FAMILY ADDRESS PORT: what the other side answers.
tcp() {
  {
    answer=$(timeout 4 nsenter --net="/run/netns/$2" socat -u "TCP$3:$4:$5,connect-timeout=0.5" STDOUT 2>/dev/null) || :
    echo "$1 ${answer:-nothing}" >>/run/answers
  } &
}

# udp LABEL NETWORK FAMILY ADDRESS [OPTIONS]: nobody answers; the label shows in a log.
udp() { echo "$1" | nsenter --net="/run/netns/$2" socat -u - "UDP$3:$4:5000${5:-}" 2>/dev/null & }

# echoes LABEL NETWORK ADDRESS
echoes() {
  {
    if nsenter --net="/run/netns/$2" ping -c 1 -W 1 "$3" >/dev/null 2>&1; then
      echo "$1 echo" >>/run/answers
    else
      echo "$1 nothing" >>/run/answers
    fi
  } &
}

# knows LABEL NETWORK ADDRESS: whether a neighbour on the link tells where it is.
knows() {
  ip -n "$2" -6 neigh delete "$3" dev eth0 2>/dev/null || :
  {
    echo | nsenter --net="/run/netns/$2" socat -u - "UDP6:[$3%eth0]:9" 2>/dev/null || :
    answer=nothing
    for _ in 1 2 3 4 5 6 7 8 9 10; do
      if ip -n "$2" -6 neigh show "$3" dev eth0 | grep -q lladdr; then
        answer=known
        break
      fi
      sleep 0.05
    done
    echo "$1 $answer" >>/run/answers
  } &
}

# traffic: everything that somebody might try, at once; prints a line each, sorted. Addresses are as in the stage's plan.
traffic() {
  rm -f /run/answers
  for log in outside pod guest0 guest1; do : >"/run/log.$log"; done
  tcp "guest to a host" guest0 4 203.0.113.10 80
  tcp "guest to a host, IPv6" guest0 6 '[2001:db8::10]' 80
  tcp "guest to a blocked host" guest0 4 192.0.2.66 80
  tcp "guest to a blocked host, IPv6" guest0 6 '[2001:db8:66::1]' 80
  for one in 169.254.169.254 169.254.170.2 169.254.170.23; do tcp "guest to $one" guest0 4 "$one" 80; done
  for one in fd00:ec2::254 fd20:ce::254 fd00:ec2::23; do tcp "guest to $one" guest0 6 "[$one]" 80; done
  for port in 53 80 32526; do tcp "guest to WireServer $port" guest0 4 168.63.129.16 "$port"; done
  tcp "guest to names at 169.254.169.254" guest0 4 169.254.169.254 53
  tcp "guest to the other guest" guest0 4 198.18.0.6 80
  tcp "guest to the other guest, IPv6" guest0 6 '[fdcb:6b76:6d::6]' 80
  for port in 8080 9090; do
    tcp "guest to the pod's $port" guest0 4 198.18.0.1 "$port"
    tcp "guest to the pod's $port, IPv6" guest0 6 '[fdcb:6b76:6d::1]' "$port"
    tcp "guest to the pod's $port by its address outside" guest0 4 10.9.0.2 "$port"
  done
  echoes "guest to its gateway" guest0 198.18.0.1
  echoes "guest to its gateway, IPv6" guest0 fdcb:6b76:6d::1
  knows "guest looks for the pod on its link" guest0 fe80::400:c6ff:fe12:1
  tcp "pod to the guest" pod 4 198.18.0.2 80
  tcp "pod to the guest, IPv6" pod 6 '[fdcb:6b76:6d::2]' 80
  tcp "pod to a host" pod 4 203.0.113.10 80
  tcp "pod to a host, IPv6" pod 6 '[2001:db8::10]' 80
  for one in 169.254.169.254 169.254.170.23; do tcp "pod to $one" pod 4 "$one" 80; done
  tcp "pod to names at 169.254.169.254" pod 4 169.254.169.254 53
  for one in fd00:ec2::254 fd20:ce::254 fe80::a9fe:a9fe%eth0; do tcp "pod to $one" pod 6 "[$one]" 80; done
  for port in 53 80 32526; do tcp "pod to WireServer $port" pod 4 168.63.129.16 "$port"; done
  tcp "neighbour to the pod" outside 4 10.9.0.2 9090
  tcp "neighbour to the guest" outside 4 198.18.0.2 80
  tcp "neighbour to the guest, IPv6" outside 6 '[fdcb:6b76:6d::2]' 80
  udp "guest to a host by another's address" guest0 4 203.0.113.10 ,bind=198.18.0.99
  udp "guest to a host by another's address, IPv6" guest0 6 '[2001:db8::10]' ",bind=[fdcb:6b76:6d::99]"
  udp "guest to a host by its own address" guest0 4 203.0.113.10
  wait
  {
    cat /run/answers
    for log in outside pod guest0 guest1; do sed "s/\$/ arrived/" "/run/log.$log"; done
  } | sort
}
