/** Made from the API's OpenAPI document by `npm run client`; never changed by hand. */

export interface paths {
  '/get_prediction': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * What is in a picture
     * @description One picture, as the file in the field `image` of a form, or as the body itself. JPEG, PNG, WebP, GIF (its first frame), AVIF or TIFF, told by its bytes, of at most as many bytes as the service allows (`DROVER_MAX_UPLOAD_BYTES`, 10 MiB). Beside the file, a form may hold 8 small text fields, which are ignored.
     */
    post: operations['predict'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/predictions': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * What is in each of several pictures
     * @description At most 32 pictures, as several files in the field `image` of a form, or, where the service allows it, as addresses that it fetches itself; none that is private is asked. A picture as the body itself is one. All are answered by one model. A picture that is refused has its own problem in its place, and the others are answered, also where one of them could not be fetched (`url-unreachable`): only what is wrong with the whole request refuses it.
     */
    post: operations['predictMany'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/predictions/{id}/feedback': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Say what a picture really shows
     * @description Kept beside the prediction, for whoever trains the next version. `id` is the prediction's. The label is one of the model's classes, or with `new_class` the name of another. `not-found` is answered where nothing is kept (`DROVER_KEEP_PREDICTIONS=off`); whether there was such a prediction is not asked.
     */
    post: operations['giveFeedback'];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/model': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * The model that answers now
     * @description Name, version, digest, classes and accuracy of the model. Every answer names the version that gave it, so that a change between two requests is seen.
     */
    get: operations['model'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/drift': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Whether what is sent still looks like what the model was made of
     * @description What the last look for drift found, check by check. Looks are made on a schedule, or by hand; 404 where nobody has looked yet.
     */
    get: operations['drift'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/healthz': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Whether the process is alive
     * @description 200 with or without a model: who restarts processes asks this.
     */
    get: operations['alive'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/readyz': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Whether it can answer
     * @description 200 once a model is loaded and warm, 503 before: who sends requests here asks this.
     */
    get: operations['ready'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/metrics': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Figures for Prometheus
     * @description In Prometheus' text format: durations by route and stage, classes, confidence, version.
     */
    get: operations['metrics'];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
}
export type webhooks = Record<string, never>;
export interface components {
  schemas: {
    /**
     * @description What is in a picture
     * @example {
     *       "id": "6f0c5a8e-3a52-4c11-9d0e-5f6f4c6f5f10",
     *       "prediction": "cat",
     *       "probabilities": {
     *         "cat": 0.93114,
     *         "dog": 0.041207,
     *         "horse": 0.027653
     *       },
     *       "model": {
     *         "name": "animals",
     *         "version": 3,
     *         "digest": "9c1e7d5f0a4b3c2d1e0f9a8b7c6d5e4f3a2b1c0d9e8f7a6b5c4d3e2f1a0b9c8d"
     *       }
     *     }
     */
    Prediction: {
      /**
       * Format: uuid
       * @description the request's id, for feedback; in the log and in `X-Request-Id`, too
       */
      id: string;
      /** @description the likeliest class */
      prediction: string;
      /** @description every class, the likeliest first; they add up to 1 but for rounding */
      probabilities: {
        [key: string]: number;
      };
      model: components['schemas']['AnsweringModel'];
    };
    /**
     * @description Answers to several pictures, all of one model; a refused one has its own problem
     * @example {
     *       "model": {
     *         "name": "animals",
     *         "version": 3,
     *         "digest": "9c1e7d5f0a4b3c2d1e0f9a8b7c6d5e4f3a2b1c0d9e8f7a6b5c4d3e2f1a0b9c8d"
     *       },
     *       "predictions": [
     *         {
     *           "index": 0,
     *           "name": "cat.png",
     *           "id": "6f0c5a8e-3a52-4c11-9d0e-5f6f4c6f5f10",
     *           "prediction": "cat",
     *           "probabilities": {
     *             "cat": 0.93114,
     *             "dog": 0.041207,
     *             "horse": 0.027653
     *           }
     *         },
     *         {
     *           "index": 1,
     *           "name": "notes.txt",
     *           "problem": {
     *             "type": "/problems/picture-unreadable",
     *             "title": "This is not a picture that can be read",
     *             "status": 415,
     *             "detail": "The bytes are of no kind of picture that is read here.",
     *             "instance": "urn:uuid:6f0c5a8e-3a52-4c11-9d0e-5f6f4c6f5f10"
     *           }
     *         }
     *       ]
     *     }
     */
    Batch: {
      model: components['schemas']['AnsweringModel'];
      /** @description one for each picture, in the order in which they were sent */
      predictions: (components['schemas']['AnsweredPicture'] | components['schemas']['RefusedPicture'])[];
    };
    /** @description A picture that was answered */
    AnsweredPicture: {
      /** @description which of the pictures that were sent, from 0 */
      index: number;
      /** @description what its sender called the file */
      name?: string;
      /** @description where it was taken from */
      url?: string;
      /**
       * Format: uuid
       * @description this picture's own id, for feedback
       */
      id: string;
      /** @description the likeliest class */
      prediction: string;
      /** @description every class, the likeliest first; they add up to 1 but for rounding */
      probabilities: {
        [key: string]: number;
      };
    };
    /** @description A picture that was refused */
    RefusedPicture: {
      /** @description which of the pictures that were sent, from 0 */
      index: number;
      /** @description what its sender called the file */
      name?: string;
      /** @description where it was taken from */
      url?: string;
      problem: components['schemas']['Problem'];
    };
    /**
     * @description Pictures by their addresses, where the service allows that
     * @example {
     *       "urls": [
     *         "https://example.org/cat.jpg"
     *       ]
     *     }
     */
    BatchUrls: {
      /** @description addresses of pictures, at most 32 */
      urls: string[];
    };
    /**
     * @description What a picture really shows
     * @example {
     *       "label": "dog"
     *     }
     */
    Feedback: {
      /** @description what the picture shows: one of the classes */
      label: string;
      /** @description anything else, for whoever looks at it */
      note?: string;
      /** @description true where the label is a class that the model does not know; then a name of lower-case letters, digits, - and _ */
      new_class?: boolean;
    };
    /**
     * @description The feedback that is kept
     * @example {
     *       "kind": "feedback",
     *       "id": "6f0c5a8e-3a52-4c11-9d0e-5f6f4c6f5f10",
     *       "at": "2026-11-25T12:00:00.000Z",
     *       "label": "dog"
     *     }
     */
    KeptFeedback: {
      /** @constant */
      kind: 'feedback';
      /**
       * Format: uuid
       * @description the prediction's
       */
      id: string;
      /**
       * Format: date-time
       * @description when it was said
       */
      at: string;
      label: string;
      /** @description the API key's name, where keys are asked for */
      by?: string;
      note?: string;
    };
    /**
     * @description The model that answered
     * @example {
     *       "name": "animals",
     *       "version": 3,
     *       "digest": "9c1e7d5f0a4b3c2d1e0f9a8b7c6d5e4f3a2b1c0d9e8f7a6b5c4d3e2f1a0b9c8d"
     *     }
     */
    AnsweringModel: {
      name: string;
      version: number;
      /** @description SHA-256 of the ONNX file that answered */
      digest: string;
    };
    /**
     * @description The model that answers now
     * @example {
     *       "name": "animals",
     *       "version": 3,
     *       "digest": "9c1e7d5f0a4b3c2d1e0f9a8b7c6d5e4f3a2b1c0d9e8f7a6b5c4d3e2f1a0b9c8d",
     *       "classes": [
     *         "cat",
     *         "dog",
     *         "horse"
     *       ],
     *       "accuracy": 0.931,
     *       "promotedAt": "2026-11-25T12:00:00.000Z"
     *     }
     */
    Model: {
      name: string;
      version: number;
      /** @description SHA-256 of the ONNX file that answered */
      digest: string;
      /** @description in the order of the network's own outputs */
      classes: string[];
      /** @description on the test pictures */
      accuracy: number;
      /**
       * Format: date-time
       * @description when it became the champion
       */
      promotedAt?: string;
    };
    /**
     * @description Whether what users send still looks like what the model was made of
     * @example {
     *       "model": "animals",
     *       "version": 3,
     *       "look": "20261126-060000-26baf4a7",
     *       "at": "2026-11-26T06:00:00.000Z",
     *       "verdict": "drift",
     *       "reason": "1 of 2 checks of 800 pictures found drift: brightness.",
     *       "policy": "alert",
     *       "window": {
     *         "since": "2026-11-25T06:00:00.000Z",
     *         "until": "2026-11-26T06:00:00.000Z",
     *         "predictions": 912,
     *         "compared": 800,
     *         "labelled": 12
     *       },
     *       "reference": {
     *         "pictures": 1000
     *       },
     *       "checks": [
     *         {
     *           "id": "brightness",
     *           "kind": "pictures",
     *           "name": "brightness",
     *           "verdict": "drift",
     *           "measure": "KS",
     *           "statistic": 0.31,
     *           "p": 1e-9,
     *           "adjusted": 2e-9,
     *           "effect": {
     *             "measure": "PSI",
     *             "value": 0.42
     *           },
     *           "why": "The median fell from 121 to 88."
     *         },
     *         {
     *           "id": "confidence",
     *           "kind": "confidence",
     *           "name": "confidence",
     *           "verdict": "quiet",
     *           "measure": "KS",
     *           "statistic": 0.04,
     *           "p": 0.41,
     *           "adjusted": 0.41,
     *           "effect": {
     *             "measure": "PSI",
     *             "value": 0.01
     *           },
     *           "why": "The mean fell from 0.83 to 0.82."
     *         }
     *       ],
     *       "followed": null
     *     }
     */
    Drift: {
      model: string;
      version: number;
      /** @description the look's id, as `drover monitor list` has it */
      look: string;
      /**
       * Format: date-time
       * @description when it was made
       */
      at: string;
      /**
       * @description `too-few`: too few pictures to tell, which says nothing of drift
       * @enum {string}
       */
      verdict: 'quiet' | 'drift' | 'too-few';
      reason: string;
      /**
       * @description what follows where drift is found
       * @enum {string}
       */
      policy: 'alert' | 'ask' | 'pipeline';
      /** @description the predictions that were looked at */
      window: {
        /** Format: date-time */
        since: string;
        /** Format: date-time */
        until: string;
        predictions: number;
        compared: number;
        /** @description of those compared, how many have a true class that somebody said */
        labelled: number;
      };
      /** @description what they were compared with */
      reference: {
        pictures: number;
      };
      checks: {
        /** @enum {string} */
        id:
          | 'mmd'
          | 'domain-classifier'
          | 'brightness'
          | 'contrast'
          | 'sharpness'
          | 'size'
          | 'saturation'
          | 'warmth'
          | 'classes'
          | 'class-probabilities'
          | 'confidence'
          | 'foreign-share'
          | 'accuracy'
          | 'calibration';
        /**
         * @description what it looks at
         * @enum {string}
         */
        kind: 'embeddings' | 'pictures' | 'predictions' | 'confidence' | 'foreign' | 'feedback';
        name: string;
        /** @enum {string} */
        verdict: 'quiet' | 'drift' | 'too-few' | 'shown';
        /** @description what `statistic` is */
        measure: string;
        statistic: number | null;
        /** @description of this check alone */
        p: number | null;
        /** @description corrected for all checks of the window */
        adjusted: number | null;
        /** @description how large the difference is */
        effect: {
          measure: string;
          value: number;
        } | null;
        why: string;
      }[];
      /** @description what came of it, where the policy is more than to alert */
      followed: {
        /** @enum {string} */
        state: 'waiting' | 'starting' | 'started' | 'rejected' | 'expired' | 'cancelled' | 'failed';
        pipeline?: string;
      } | null;
    };
    /** @description The process is alive */
    Alive: {
      /** @constant */
      status: 'alive';
    };
    /** @description A model is loaded and warm */
    Ready: {
      /** @constant */
      status: 'ready';
    };
    /**
     * @description What went wrong, as RFC 9457 has it
     * @example {
     *       "type": "/problems/picture-field",
     *       "title": "The picture is in the wrong field",
     *       "status": 400,
     *       "detail": "A file was found in the field \"file\", but it is expected in \"image\".",
     *       "instance": "urn:uuid:6f0c5a8e-3a52-4c11-9d0e-5f6f4c6f5f10"
     *     }
     */
    Problem: {
      /**
       * @description `/problems/<type>`, which explains it and never changes; `about:blank` for a defect
       * @example /problems/picture-missing
       * @example /problems/picture-field
       * @example /problems/picture-too-large
       * @example /problems/picture-unreadable
       * @example /problems/label-unknown
       * @example /problems/feedback-not-kept
       * @example /problems/request-invalid
       * @example /problems/request-slow
       * @example /problems/headers-too-large
       * @example /problems/token-refused
       * @example /problems/origin-refused
       * @example /problems/rate-limited
       * @example /problems/url-refused
       * @example /problems/url-unreachable
       * @example /problems/not-found
       * @example /problems/method-refused
       * @example /problems/model-unavailable
       * @example /problems/storage-unavailable
       * @example /problems/busy
       */
      type: string;
      /** @description what kind of problem it is, for people */
      title: string;
      /** @description the HTTP status */
      status: number;
      /** @description what was found, what was expected, what to do */
      detail: string;
      /** @description the request's id, as `urn:uuid:…`, by which the log has it too */
      instance: string;
    };
  };
  responses: never;
  parameters: never;
  requestBodies: never;
  headers: {
    /** @description The request's id, a UUID: stands in the log, and in problem documents as `instance` */
    RequestId: string;
    /** @description Seconds after which the same request may succeed */
    RetryAfter: number;
    /** @description How to show an API key (RFC 6750) */
    Authenticate: string;
    /** @description Where the service limits requests: how many are left, and the seconds until all are there again, as `"requests";r=99;t=1` */
    RateLimit: string;
    /** @description The limit itself: so many requests in so many seconds, as `"requests";q=100;w=1` */
    RateLimitPolicy: string;
  };
  pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
  predict: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'multipart/form-data': {
          /**
           * Format: binary
           * @description JPEG, PNG, WebP, GIF (its first frame), AVIF or TIFF, told by its bytes
           */
          image: string;
        };
        'image/*': string;
      };
    };
    responses: {
      /** @description Every class with its probability */
      200: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Prediction'];
        };
      };
      /** @description `picture-missing`: No picture was sent. `picture-field`: The picture is in the wrong field. `request-invalid`: The request is not valid */
      400: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `token-refused`: This is not allowed without its token */
      401: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          'WWW-Authenticate': components['headers']['Authenticate'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `origin-refused`: Pages of that origin may not ask here */
      403: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `picture-too-large`: The picture is too large */
      413: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `picture-unreadable`: This is not a picture that can be read */
      415: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `rate-limited`: Too many requests came from one client */
      429: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          'Retry-After': components['headers']['RetryAfter'];
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description A defect: the log has it, under the request's id */
      500: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `model-unavailable`: No model is being served yet. `busy`: Too much is asked at once */
      503: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          'Retry-After': components['headers']['RetryAfter'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  predictMany: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: {
      content: {
        'multipart/form-data': {
          image: string[];
        };
        'application/json': components['schemas']['BatchUrls'];
        'image/*': string;
      };
    };
    responses: {
      /** @description An answer or a problem for each picture */
      200: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Batch'];
        };
      };
      /** @description `picture-missing`: No picture was sent. `picture-field`: The picture is in the wrong field. `request-invalid`: The request is not valid. `url-refused`: Pictures are not fetched from there */
      400: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `token-refused`: This is not allowed without its token */
      401: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          'WWW-Authenticate': components['headers']['Authenticate'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `origin-refused`: Pages of that origin may not ask here */
      403: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `picture-too-large`: The picture is too large */
      413: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `rate-limited`: Too many requests came from one client */
      429: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          'Retry-After': components['headers']['RetryAfter'];
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description A defect: the log has it, under the request's id */
      500: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `model-unavailable`: No model is being served yet. `busy`: Too much is asked at once */
      503: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          'Retry-After': components['headers']['RetryAfter'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  giveFeedback: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /**
         * @description The prediction's `id`
         * @example 6f0c5a8e-3a52-4c11-9d0e-5f6f4c6f5f10
         */
        id: string;
      };
      cookie?: never;
    };
    requestBody: {
      content: {
        'application/json': components['schemas']['Feedback'];
      };
    };
    responses: {
      /** @description What is kept */
      202: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['KeptFeedback'];
        };
      };
      /** @description `request-invalid`: The request is not valid. `label-unknown`: There is no such class */
      400: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `token-refused`: This is not allowed without its token */
      401: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          'WWW-Authenticate': components['headers']['Authenticate'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `origin-refused`: Pages of that origin may not ask here */
      403: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not-found`: Not found */
      404: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `rate-limited`: Too many requests came from one client */
      429: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          'Retry-After': components['headers']['RetryAfter'];
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description A defect: the log has it, under the request's id */
      500: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `feedback-not-kept`: The feedback could not be kept */
      503: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          'Retry-After': components['headers']['RetryAfter'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  model: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The model */
      200: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Model'];
        };
      };
      /** @description `token-refused`: This is not allowed without its token */
      401: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          'WWW-Authenticate': components['headers']['Authenticate'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `rate-limited`: Too many requests came from one client */
      429: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          'Retry-After': components['headers']['RetryAfter'];
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description A defect: the log has it, under the request's id */
      500: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `model-unavailable`: No model is being served yet */
      503: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          'Retry-After': components['headers']['RetryAfter'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  drift: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The last look */
      200: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Drift'];
        };
      };
      /** @description `token-refused`: This is not allowed without its token */
      401: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          'WWW-Authenticate': components['headers']['Authenticate'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `not-found`: Not found */
      404: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `rate-limited`: Too many requests came from one client */
      429: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          'Retry-After': components['headers']['RetryAfter'];
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description A defect: the log has it, under the request's id */
      500: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `storage-unavailable`: The store did not answer */
      503: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          'Retry-After': components['headers']['RetryAfter'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  alive: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description It is */
      200: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Alive'];
        };
      };
      /** @description A defect: the log has it, under the request's id */
      500: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  ready: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description It can */
      200: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          'application/json': components['schemas']['Ready'];
        };
      };
      /** @description A defect: the log has it, under the request's id */
      500: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `model-unavailable`: No model is being served yet */
      503: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          'Retry-After': components['headers']['RetryAfter'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
  metrics: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      /** @description The figures */
      200: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          'text/plain': string;
        };
      };
      /** @description `token-refused`: This is not allowed without its token */
      401: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          'WWW-Authenticate': components['headers']['Authenticate'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description `rate-limited`: Too many requests came from one client */
      429: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          'Retry-After': components['headers']['RetryAfter'];
          RateLimit: components['headers']['RateLimit'];
          'RateLimit-Policy': components['headers']['RateLimitPolicy'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
      /** @description A defect: the log has it, under the request's id */
      500: {
        headers: {
          'X-Request-Id': components['headers']['RequestId'];
          [name: string]: unknown;
        };
        content: {
          'application/problem+json': components['schemas']['Problem'];
        };
      };
    };
  };
}
