export const signIn = {
  title: 'Sign in',
  lead: 'Licenses for the programs you sell.',
  email: 'E-mail address',
  password: 'Password',
  submit: 'Sign in',
  ended: 'Your session has ended. Sign in again to continue where you were.',
  waiting: 'This server is waiting for its owner. Open the setup link that it printed when it started.',
  emailNeeded: 'Enter your e-mail address.',
  passwordNeeded: 'Enter your password.',
}
