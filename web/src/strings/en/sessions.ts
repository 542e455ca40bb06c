import { count } from '../plural'
import { pages } from './pages'

const them = (n: number) => count(n, 'session', 'sessions')

export const sessions = {
  title: pages.sessions,
  lead: 'Runs of your program in which somebody is signed in now.',
  searchHint: 'Whole user name or license key',
  field: {
    user: 'User',
    ip: 'Address',
    protocol: 'Protocol',
    signedIn: 'Signed in',
    seen: 'Last seen',
    expires: 'Ends',
    started: 'Started',
    device: 'Device',
    id: 'Id',
  },
  online: 'Online',
  idle: 'Idle',
  ofUser: 'Of one user',
  allUsers: 'All users',
  openUser: 'Show the user',
  details: 'Session',
  notHere: 'This session has ended.',
  empty: {
    title: 'Nobody is signed in',
    text: 'As soon as a customer signs in with your program, the session is shown here. You can end it at any time; the program notices at its next call.',
  },
  kill: {
    action: 'End session',
    actionAll: 'End all',
    actionUser: 'End all of this user',
    title: (n?: number) => (n === undefined ? 'End all sessions?' : n === 1 ? 'End this session?' : `End ${them(n)}?`),
    titleUser: 'End every session of this user?',
    will: (n: number, more: boolean) => `${more ? `More than ${them(n)}` : them(n)} will be ended.`,
    nothing: 'Nobody is signed in any more.',
    text: 'The program is refused at its next call, and the customer has to sign in again. To keep them out, ban the user.',
    submit: (n?: number) => (n === undefined ? 'End all sessions' : `End ${them(n)}`),
    done: (n: number) => `${them(n)} ended`,
  },
}
