//! The attribute of `sagsgang-plugin`: it turns a plain function into an action.
//!
//! The function stays as it is and can be called from tests. Beside it, in the namespace of types, the attribute puts a
//! type of the same name that implements `sagsgang_plugin::Action`; `sagsgang_plugin::export!` collects those.

use proc_macro::TokenStream;
use proc_macro2::TokenStream as Tokens;
use quote::quote;
use syn::{
    Attribute, Error, Expr, ExprLit, FnArg, ItemFn, Lit, LitStr, Meta, Result, ReturnType, Type,
};

/// Makes an action of a function of one parameter that returns `Result<Output, Failure>`.
///
/// `#[action]` takes the action's name from the function, with `_` written `-`; `#[action(name = "…")]` gives another.
/// The first line of the doc comment is the action's title for authors.
#[proc_macro_attribute]
pub fn action(arguments: TokenStream, item: TokenStream) -> TokenStream {
    let function = syn::parse_macro_input!(item as ItemFn);
    let mut name: Option<LitStr> = None;
    let parser = syn::meta::parser(|meta| {
        if meta.path.is_ident("name") {
            name = Some(meta.value()?.parse()?);
            Ok(())
        } else {
            Err(meta.error("known here: name = \"…\""))
        }
    });
    syn::parse_macro_input!(arguments with parser);
    expand(function, name)
        .unwrap_or_else(Error::into_compile_error)
        .into()
}

fn expand(function: ItemFn, name: Option<LitStr>) -> Result<Tokens> {
    let identifier = &function.sig.ident;
    let visibility = &function.vis;
    let name = name.map_or_else(
        || identifier.to_string().replace('_', "-"),
        |name| name.value(),
    );
    let title = title(&function.attrs);
    let input = parameter(&function)?;
    let answer = match &function.sig.output {
        ReturnType::Type(_, answer) => answer,
        ReturnType::Default => {
            return Err(Error::new_spanned(
                &function.sig,
                "an action returns `Result<Output, Failure>`",
            ));
        }
    };
    Ok(quote! {
        #function

        #[doc(hidden)]
        #[expect(non_camel_case_types, reason = "the action's type carries the name of its function")]
        #visibility enum #identifier {}

        impl ::sagsgang_plugin::Action for #identifier {
            const NAME: &'static str = #name;
            const TITLE: &'static str = #title;
            type Input = #input;
            type Output = <#answer as ::sagsgang_plugin::Outcome>::Output;

            fn run(input: Self::Input) -> ::core::result::Result<Self::Output, ::sagsgang_plugin::Failure> {
                ::sagsgang_plugin::Outcome::into_result(#identifier(input))
            }
        }
    })
}

fn parameter(function: &ItemFn) -> Result<&Type> {
    let mut inputs = function.sig.inputs.iter();
    match (inputs.next(), inputs.next()) {
        (Some(FnArg::Typed(parameter)), None) => Ok(&parameter.ty),
        _ => Err(Error::new_spanned(
            &function.sig,
            "an action has one parameter, its input",
        )),
    }
}

/// The first line of the doc comment.
fn title(attributes: &[Attribute]) -> String {
    let text = attributes
        .iter()
        .find_map(|attribute| match &attribute.meta {
            Meta::NameValue(pair) if pair.path.is_ident("doc") => match &pair.value {
                Expr::Lit(ExprLit {
                    lit: Lit::Str(text),
                    ..
                }) => Some(text.value()),
                _ => None,
            },
            _ => None,
        });
    text.unwrap_or_default()
        .trim()
        .trim_end_matches('.')
        .to_owned()
}
