import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

/** Public addresses at which the cloud beneath the machine answers. */
const CLOUD_ADDRESSES = new Set([
  '168.63.129.16', // https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16
]);

/** Whether an address, as it is dialled, belongs to the public internet. An unknown kind of address does not. */
export function isPublicAddress(address: string): boolean {
  if (isIP(address) === 0) return false;
  // `process()` unwraps ::ffff:a.b.c.d first, otherwise a mapped loopback address looks like plain IPv6.
  const parsed = ipaddr.process(address);
  if (parsed.kind() === 'ipv4') return isPublicV4(parsed.toByteArray()) && !isCompatible(address);
  const bytes = parsed.toByteArray();
  if (isTranslated(bytes)) return isPublicV4(bytes.slice(12));
  // ipaddr.js also calls address space unicast that IANA has not allocated. Only 2000::/3 is (RFC 4291 §2.4).
  if (parsed.range() !== 'unicast' || ((bytes[0] ?? 0) & 0xe0) !== 0x20) return false;
  return !isIsatap(bytes) || isPublicV4(bytes.slice(12));
}

function isPublicV4(bytes: readonly number[]): boolean {
  const address = ipaddr.fromByteArray([...bytes]);
  return address.range() === 'unicast' && !CLOUD_ADDRESSES.has(address.toString());
}

/** `::8.8.8.8`, deprecated (RFC 4291 §2.5.5.1); ipaddr.js takes it for a mapped one when it is written like this. */
function isCompatible(address: string): boolean {
  return isIP(address) === 6 && !/:ffff:/i.test(address);
}

/** 64:ff9b::a.b.c.d leads to IPv4 from networks with IPv6 alone; resolvers with DNS64 answer it there (RFC 6052 §2.1). */
function isTranslated(bytes: readonly number[]): boolean {
  return [0x00, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0].every((byte, index) => bytes[index] === byte);
}

/** …:0:5efe:a.b.c.d or …:200:5efe:a.b.c.d, is a tunnel to the IPv4 address at its end (RFC 5214 §6.1). */
function isIsatap(bytes: readonly number[]): boolean {
  return [0x00, 0x02].includes(bytes[8] ?? -1) && bytes[9] === 0 && bytes[10] === 0x5e && bytes[11] === 0xfe;
}
