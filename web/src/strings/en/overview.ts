import { count, number } from '../plural'
import { pages } from './pages'

const days = (n: number) => count(n, 'day', 'days')

export const overview = {
  title: pages.overview,
  range: 'Days shown',
  lastDays: (n: number) => `Last ${days(n)}`,
  tile: {
    online: 'Online now',
    onlinePeak: (n: number) => `Most today: ${number(n)}`,
    users: 'Users',
    usersNote: (banned: number, waiting: number) => [banned && `${number(banned)} banned`, waiting && `${number(waiting)} asking for a device reset`].filter(Boolean).join(' · '),
    notUsed: 'Licenses not used',
    licenses: (n: number) => `of ${number(n)}`,
    signIns: 'Sign-ins today',
    yesterday: (n: number) => `Yesterday: ${number(n)}`,
  },
  signIns: {
    title: 'Sign-ins',
    series: 'Sign-ins',
    summary: (n: number, of: number) => `${count(n, 'sign-in', 'sign-ins')} in ${days(of)}.`,
  },
  customers: {
    title: 'New users and redemptions',
    users: 'New users',
    redemptions: 'Redemptions',
    summary: (users: number, redeemed: number) => `${count(users, 'new user', 'new users')}, ${count(redeemed, 'license', 'licenses')} redeemed.`,
  },
  online: {
    title: 'Online at once',
    series: 'Online',
    summary: (n: number) => `At most ${count(n, 'session', 'sessions')} at the same time.`,
  },
  licenses: {
    title: 'Licenses by status',
    summary: (n: number) => `${count(n, 'license', 'licenses')} in all.`,
  },
  versions: {
    title: 'Versions in use',
    summary: (n: number) => `Of ${count(n, 'program start', 'program starts')}.`,
    other: 'Others',
    none: 'No program started in this period.',
  },
  countries: {
    title: 'Countries in use',
    summary: (n: number) => `Of ${count(n, 'sign-in', 'sign-ins')}.`,
    other: 'Others',
    none: 'Nobody whose address is kept signed in during this period.',
    untold: 'This server cannot tell where addresses are. Start it with a country database in MMDB format, latchkey serve --geoip FILE, and sign-ins are counted by country from then on. No other service is asked.',
  },
  refused: {
    title: 'What was refused',
    summary: (n: number) => `${count(n, 'call', 'calls')} of programs refused.`,
    none: 'Nothing was refused in this period.',
    other: 'Others',
  },
  utc: 'Days are in UTC; today is not over yet.',
  empty: {
    title: 'Your first customer is three steps away',
    text: 'Make licenses, put a few lines of code into your program, and sign in with a license once. From then on this page shows how your program is doing.',
    licenses: 'Create licenses',
    code: 'Show the code',
  },
}
