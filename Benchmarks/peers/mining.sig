signature mining-login {
  ip-proto == tcp
  payload /.*mining\.authorize/
  event "mining login"
}
signature mining-redirect {
  ip-proto == tcp
  payload /.*client\.reconnect/
  event "redirect"
}
