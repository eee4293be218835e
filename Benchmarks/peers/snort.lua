-- Nothing but the rules beside this file.
HOME_NET = '10.20.0.0/16'
EXTERNAL_NET = '!10.20.0.0/16'
stream = { }
stream_tcp = { }
stream_udp = { }
ips = { variables = { nets = { HOME_NET = HOME_NET, EXTERNAL_NET = EXTERNAL_NET } } }
