import { useEffect, useState } from 'preact/hooks';

/** An address for what `blobOf` makes of a value, for as long as it is shown. */
export function useBlobUrl<Value>(value: Value, blobOf: (value: Value) => Blob): string | undefined {
  const [address, setAddress] = useState<string>();
  useEffect(() => {
    const made = URL.createObjectURL(blobOf(value));
    setAddress(made);
    return () => URL.revokeObjectURL(made);
  }, [value]);
  return address;
}
