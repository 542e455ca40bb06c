import { AccessPage, aheadOf } from './AccessPage'

export const ahead = aheadOf('blacklists')

export default function BlacklistPage() {
  return <AccessPage which="blacklists" />
}
