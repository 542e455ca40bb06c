import { count, number } from '../plural'
import { pages } from './pages'

const holders = (n: number) => count(n, 'user holds', 'users hold')

const them = (n: number) => count(n, 'subscription', 'subscriptions')

export const subscriptions = {
  title: pages.subscriptions,
  lead: 'The tiers of your application. A license gives every subscription of its level.',
  searchHint: 'Name',
  field: {
    name: 'Name',
    level: 'Level',
    holders: 'Holders',
    active: 'Active',
    expired: 'Expired',
    state: 'State',
    created: 'Created',
  },
  running: 'Running',
  paused: 'Paused',
  since: 'since',
  empty: {
    title: 'No subscriptions yet',
    text: 'A subscription is a tier that customers hold, such as basic or pro. Its level connects it with licenses.',
  },
  create: { action: 'Add subscription', title: 'Add a subscription', submit: 'Add subscription', done: 'Subscription added' },
  edit: { title: 'Edit subscription' },
  nameHint: 'Customers see it. Up to 70 characters, unique in the application.',
  levelHint: 'Licenses of this level give it. Several subscriptions may share a level.',
  nameNeeded: 'A subscription needs a name.',
  holdersLink: 'Show its holders',
  licensesLink: 'Show licenses of its level',
  pause: {
    action: 'Pause',
    title: (name: string) => `Pause ${name}?`,
    text: (n: number) => `${holders(n)} it. Nobody can sign in with it while it is paused, and nobody loses time: what is left is kept.`,
    submit: 'Pause subscription',
    done: 'Subscription paused',
  },
  resume: { action: 'Resume', done: 'Subscription resumed' },
  remove: {
    action: 'Delete',
    title: (name: string) => `Delete ${name}?`,
    none: 'Nobody holds it. Licenses of its level stay, but give nothing if no other subscription has that level.',
    some: (holding: number, active: number) => `${holders(holding)} it, ${number(active)} with time left. It is taken from all of them, and their time is lost.`,
    submit: 'Delete subscription',
    done: 'Subscription deleted',
  },
  many: {
    pausedAlready: (n: number) => `${count(n, 'is', 'are')} paused already.`,
    notPaused: (n: number) => `${count(n, 'is', 'are')} not paused.`,
    pause: {
      action: 'Pause',
      title: (n: number) => `Pause ${them(n)}?`,
      text: (n: number) => `${n === 0 ? 'Nobody holds them' : `They are held ${count(n, 'time', 'times')}`}. Nobody can sign in with them while they are paused, and nobody loses time: what is left is kept.`,
      submit: (n: number) => `Pause ${them(n)}`,
      done: (n: number) => `${them(n)} paused`,
    },
    resume: {
      action: 'Resume',
      title: (n: number) => `Resume ${them(n)}?`,
      text: () => 'The time that was left runs on from now.',
      submit: (n: number) => `Resume ${them(n)}`,
      done: (n: number) => `${them(n)} resumed`,
    },
    delete: {
      action: 'Delete',
      title: (n: number) => `Delete ${them(n)}?`,
      text: (n: number) => (n === 0 ? 'Nobody holds them. Licenses of their levels stay, but give nothing if no other subscription has that level.' : `They are held ${count(n, 'time', 'times')}, are taken from whoever holds one, and that time is lost.`),
      submit: (n: number) => `Delete ${them(n)}`,
      done: (n: number) => `${them(n)} deleted`,
    },
  },
}
