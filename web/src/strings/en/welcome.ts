import { count } from '../plural'

export const welcome = {
  title: 'Your first customer',
  lead: 'From nothing to a program that signs its customer in, in four steps.',
  steps: { app: 'Application', subscription: 'Subscription', licenses: 'Licenses', code: 'Program' },
  back: 'Back',
  app: {
    title: 'Which program do you sell?',
    text: 'An application keeps the licenses, customers and settings of one program apart from your others.',
    name: 'Name',
    example: 'Aurora Studio',
    submit: 'Create it',
    keep: 'Continue',
  },
  subscription: {
    title: 'What do customers get?',
    text: 'A subscription is a tier of the program, such as standard or pro. A license of its level gives it. Name the first one; you can add more at any time.',
    name: 'Name',
    submit: 'Continue',
  },
  licenses: {
    title: 'Make some licenses',
    text: 'Each is a key that one customer enters once. The time runs from that moment.',
    amount: 'Amount',
    duration: 'Duration',
    submit: (n: number) => `Create ${count(n, 'license', 'licenses')}`,
    skip: (n: number) => `Continue with ${count(n, 'license', 'licenses')}`,
  },
  code: {
    title: 'Put it into your program',
    text: 'Run this as it is: the values are those of your application, and the key is one of your new licenses.',
    language: 'Language',
    needs: 'Needs',
    copy: 'Copy the code',
  },
  wait: {
    title: 'Waiting for the first sign-in',
    text: 'This page notices by itself when your program has signed in.',
    done: 'Somebody is here',
    doneText: (name: string) => `${name} has signed in. That is all there is to it.`,
    finish: 'See your licenses',
    later: 'Do this later',
  },
}
