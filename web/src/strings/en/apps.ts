import { count } from '../plural'
import { pages } from './pages'

const them = (n: number) => count(n, 'application', 'applications')

const many = (action: string, done: string, text: string, left: string) => ({
  action,
  title: (n: number) => `${action} ${them(n)}?`,
  text,
  submit: (n: number) => `${action} ${them(n)}`,
  done: (n: number) => `${them(n)} ${done}`,
  left: (n: number) => `${count(n, 'is', 'are')} ${left}`,
})

export const apps = {
  title: pages.apps,
  lead: 'A program that you sell: its keys, its customers, its rules.',
  searchHint: 'Find by name',
  field: { name: 'Name', version: 'Version', status: 'Status', created: 'Created', id: 'Id', ownerId: 'Owner id', licenses: 'Licenses', users: 'Users' },
  anyStatus: 'Any status',
  status: { active: 'Active', paused: 'Paused', disabled: 'Disabled' },
  create: {
    action: 'New application',
    title: 'New application',
    name: 'Name',
    nameHint: 'Programs send it when they connect. Each of your applications needs its own name.',
    submit: 'Create application',
    done: (name: string) => `${name} is ready`,
  },
  clone: {
    action: 'Clone',
    title: (name: string) => `Clone ${name}`,
    text: 'The copy gets the settings, messages and subscriptions; licenses, users and secrets stay behind.',
    name: 'Name of the copy',
    suggestion: (name: string) => `${name} copy`,
    submit: 'Clone application',
  },
  rename: {
    action: 'Rename',
    title: 'Rename application',
    text: 'Programs of the compatible client API name the application when they connect: those with the old name stop working until they are updated.',
    submit: 'Rename',
    done: 'Renamed',
  },
  pause: {
    action: 'Pause',
    title: (name: string) => `Pause ${name}?`,
    text: 'Nobody can sign in until you resume it, running sessions end, and no customer loses time: every subscription stands still.',
    submit: 'Pause',
    done: 'Paused. Customers lose no time.',
  },
  resume: { action: 'Resume', done: 'Resumed. Expiries have moved by the time of the pause.' },
  disable: {
    action: 'Disable',
    title: (name: string) => `Disable ${name}?`,
    text: 'Nobody can sign in until you enable it, and running sessions end. Unlike in a pause, the customers’ time runs on.',
    submit: 'Disable',
    done: 'Disabled',
  },
  enable: { action: 'Enable', done: 'Enabled' },
  many: {
    pause: many('Pause', 'paused', 'Nobody can sign in until you resume them, running sessions end, and no customer loses time: every subscription stands still.', 'paused already.'),
    resume: many('Resume', 'resumed', 'Customers can sign in again; what was left of their time runs on from now.', 'not paused.'),
    disable: many('Disable', 'disabled', 'Nobody can sign in until you enable them, and running sessions end. Unlike in a pause, the customers’ time runs on.', 'disabled already.'),
    enable: many('Enable', 'enabled', 'Customers can sign in again, unless the application is paused as well.', 'not disabled.'),
  },
  remove: {
    action: 'Delete',
    title: (name: string) => `Delete ${name}?`,
    text: (licenses: number, users: number) =>
      `${count(licenses, 'license', 'licenses')} and ${count(users, 'user', 'users')} are deleted with it, with all subscriptions, sessions and settings. Every program that uses it stops working. This cannot be undone.`,
    submit: 'Delete application',
    done: (name: string) => `${name} is deleted`,
  },
  open: 'Open',
  empty: {
    title: 'No applications yet',
    text: 'An application is a program that you sell. It has licenses, users and settings of its own.',
  },
}
