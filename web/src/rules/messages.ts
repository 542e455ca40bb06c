// The texts that customers see unless a seller changes them: those of
// internal/latchkey/message.go, in its order. A test of internal/dashboard
// compares the two.
export const defaultMessages: Record<string, string> = {
  loggedInMsg: 'Logged in!',
  appdisabled: 'This application is disabled',
  pausedApp: 'Application is currently paused, please wait for the developer to say otherwise.',
  usernametaken: 'Username already taken, choose a different one',
  usernamenotfound: 'Invalid username',
  unTooShort: 'Username too short, try longer one.',
  passmismatch: 'Password does not match.',
  pwLeaked: 'This password has been leaked in a data breach (not from us), please use a different one.',
  userbanned: 'The user is banned',
  keynotfound: 'Invalid license key',
  keyused: 'License key has already been used',
  keybanned: 'Your license is banned',
  nosublevel: 'There is no subscription created for your key level. Contact application developer.',
  noactivesubs: 'No active subscription(s) found',
  pausedsub: "Your subscription is paused and can't be used right now",
  hwidmismatch: "HWID doesn't match. Ask for a HWID reset",
  hwidblacked: "You've been blacklisted from our application",
  vpnblocked: 'VPNs are blocked on this application',
  sessionunauthed: 'Session is not validated',
  hashcheckfail: "This program hash does not match, make sure you're using latest version",
  chatHitDelay: "Chat slower, you've hit the delay limit",
  tokeninvalid: 'Token Invalid',
}
