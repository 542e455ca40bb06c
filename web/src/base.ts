// What the server wrote into the page.

const meta = (name: string) => document.querySelector<HTMLMetaElement>(`meta[name="${name}"]`)?.content ?? ''
const unlessRaw = (value: string) => (value.startsWith('__') ? '' : value) // Vite's own server fills in nothing

/** The path below which the server is published, without a slash at its end. */
export const base = unlessRaw(meta('latchkey-base'))

/** The server as customers reach it, without a slash at its end: as it was told, else as this browser does. */
export const publicUrl = unlessRaw(meta('latchkey-url')) || location.origin + base

/** Whether the server still waited for its owner when the page was made. */
export const setupOpen = meta('latchkey-setup') === 'open'

/** Whether surely nobody is signed in, so that the server need not be asked. */
export const signedOut = meta('latchkey-sign') === 'out'

/** Lets the styles that the page makes apply, under the Content-Security-Policy. */
export const nonce = document.querySelector<HTMLScriptElement>('script[nonce]')?.nonce ?? ''
