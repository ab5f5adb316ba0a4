//! Functions over slices for the widest vectors that a machine has.

/// Compiles a function once for each width of vectors, and calls the widest that the machine has. Every version does the same
/// operations on doubles in the same order (none is fused), so that no bit of a result depends on which.
macro_rules! widest {
    ($(#[$about:meta])* $visible:vis fn $name:ident($($argument:ident: $type:ty),* $(,)?) $(-> $result:ty)? $body:block) => {
        $(#[$about])*
        $visible fn $name($($argument: $type),*) $(-> $result)? {
            #[inline(always)]
            fn any($($argument: $type),*) $(-> $result)? $body

            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx512f,avx512dq")]
                fn bits_512($($argument: $type),*) $(-> $result)? {
                    any($($argument),*)
                }
                #[target_feature(enable = "avx2")]
                fn bits_256($($argument: $type),*) $(-> $result)? {
                    any($($argument),*)
                }
                if is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512dq") {
                    // SAFETY: the machine has these instructions.
                    return unsafe { bits_512($($argument),*) };
                }
                if is_x86_feature_detected!("avx2") {
                    // SAFETY: the machine has these instructions.
                    return unsafe { bits_256($($argument),*) };
                }
            }
            any($($argument),*)
        }
    };
}

pub(crate) use widest;
