import type { Request, Router } from 'express';

const METHODS: readonly string[] = ['POST', 'PUT', 'PATCH'];

/** What the router package's layers have and Express' types leave out. */
interface Layer {
  readonly route?: { readonly methods: Readonly<Record<string, boolean>> };
  /** The match itself, or false. */
  match(path: string): unknown;
}

/** Whether one of the routers has a route for the request, and its method comes with a body. */
export function takesBody(routers: readonly Router[]): (req: Request) => boolean {
  const layers = routers.flatMap((router) => router.stack as unknown as readonly Layer[]);
  return (req) => METHODS.includes(req.method) && layers.some((layer) => isFor(layer, req));
}

/** A layer without a route is a middleware or a router inside a router, which is not looked into. */
function isFor(layer: Layer, req: Request): boolean {
  if (layer.route === undefined) return true;
  if (layer.route.methods[req.method.toLowerCase()] !== true) return false;
  try {
    return Boolean(layer.match(req.path));
  } catch {
    return false; // A parameter that cannot be decoded: the router says so later.
  }
}
